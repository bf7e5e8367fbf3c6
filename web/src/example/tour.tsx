import { Button, Loader, Text, Title, UnstyledButton } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { ClientState } from '../../../src/client/client-state.ts'
import type { EntryView } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { existingFlow } from '../../../src/react/existing-flow.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { navigate, useRoute } from '../routes.ts'
import { press, useServices } from './example.ts'
import { type Tour as Memory, remember, useTour } from './tour-memory.ts'
import './example.css'

const DOMAIN = 'my_hub'
/** The delay until a dialog has returned the focus, in milliseconds. */
const CLOSED = 100

/** Whether no control has the focus. A dialog without its opener gives the focus to the heading of the page. */
const isFocusFree = (): boolean =>
  document.activeElement === document.body || document.activeElement?.matches('h1') === true

/** The entry of the example hub. */
function hubOf({ entries }: ClientState): EntryView | undefined {
  for (const entry of entries.values()) if (entry.domain === DOMAIN) return entry
  return undefined
}

const isEmpty = ({ entries, entryList }: ClientState): boolean =>
  entryList === 'complete' && entries.size === 0

/** Number of finished steps: connected, revoked, reconnected. */
function finished(hub: EntryView | undefined, tour: Memory | null): number {
  if (hub === undefined) return 0
  if (hub.state === 'reauth_required') return 2
  if (tour !== 'broken') return 1
  return hub.state === 'loaded' ? 3 : 2
}

/** The tour of the example above an empty list. Its steps are checked off from the state of the entry. */
export default function Tour() {
  const services = useServices()
  const tour = useTour()
  const empty = useSelected(isEmpty)
  const hub = useSelected(hubOf)
  const isHome = services !== null && !('users' in services)
  useEffect(() => {
    if (isHome && empty && tour === null) remember('running')
  }, [isHome, empty, tour])
  useEffect(() => {
    if (tour === 'running' && hub?.state === 'reauth_required') remember('broken')
    // Without its entry, the tour begins again.
    else if (tour === 'broken' && empty) remember('running')
  }, [tour, hub, empty])
  if (!isHome || tour === null || tour === 'left') return null
  return <Steps hub={hub} done={finished(hub, tour)} token={services.device.token} />
}

function Steps(props: {
  readonly hub: EntryView | undefined
  readonly done: number
  /** The token of the example device. */
  readonly token: string
}) {
  const { hub, done, token } = props
  const { t } = useLanguage()
  const { act, busy } = useActions()
  const { flows, entries } = useLatchkey()
  const id = useId()
  const { flowId } = useRoute()
  const action = useRef<HTMLButtonElement>(null)
  const end = useRef<HTMLParagraphElement>(null)
  const shown = useRef({ done, flowId })
  /** The token after the user has revoked the one that Latchkey has. */
  const [newToken, setNewToken] = useState<string | null>(null)
  const isRevoked = done === 1 && newToken === token
  useEffect(() => {
    if (shown.current.done === done && shown.current.flowId === flowId) return
    // The button that the user pressed was removed, and the focus with it, also after a dialog has closed.
    const timer = setTimeout(() => {
      shown.current = { done, flowId }
      if (isFocusFree()) (action.current ?? end.current)?.focus()
    }, CLOSED)
    return () => clearTimeout(timer)
  }, [done, flowId])

  const open = (start: () => Promise<{ readonly flowId: string } | string>): void =>
    void act(start).then((flow) => {
      if (flow !== null) navigate({ flowId: typeof flow === 'string' ? flow : flow.flowId })
    })
  const isWaiting = busy || isRevoked
  // A disabled button would lose the focus.
  const button = (label: string, run: () => void, hint?: string): ReactNode => (
    <Button
      ref={action}
      size="xs"
      aria-disabled={isWaiting || undefined}
      data-disabled={isWaiting}
      onClick={() => isWaiting || run()}
      aria-label={hint}
    >
      {label}
    </Button>
  )
  const revoke = async (): Promise<void> => {
    const services = await act(() => press('device-revoke'))
    if (services !== null && !('users' in services)) setNewToken(services.device.token)
  }
  const steps: readonly { readonly title: string; readonly text: string; readonly action: ReactNode }[] = [
    {
      title: t('tour1'),
      text: hub === undefined ? t('tour1Text') : t('toast.reloaded', { name: hub.title }),
      action: button(
        t('tourConnect'),
        () => open(() => flows.start({ domain: DOMAIN, source: 'user' })),
        t('tour1'),
      ),
    },
    {
      title: t('tour2'),
      text: isRevoked ? t('tour2Wait') : t('tour2Text'),
      action: button(t('revokeToken'), () => void revoke()),
    },
    {
      title: t('tour3'),
      text: t('tour3Text'),
      action:
        hub !== undefined &&
        (hub.state === 'disabled'
          ? button(t('enable'), () => void act(() => entries.enable(hub.entryId)))
          : button(t('keyRepair'), () => open(() => entries.reauth(hub.entryId).catch(existingFlow)))),
    },
  ]
  return (
    <section className="card tour" aria-labelledby={id}>
      <div className="tour-head">
        <Title order={2} id={id} className="tour-title">
          {t('tourTitle')}
        </Title>
        <UnstyledButton className="example-link" onClick={() => remember('left')}>
          {t(done === steps.length ? 'close' : 'tourSkip')}
        </UnstyledButton>
      </div>
      <ol className="tour-steps">
        {steps.map(({ title, text, action: next }, place) => (
          <li
            key={title}
            aria-current={place === done ? 'step' : undefined}
            data-done={place < done || undefined}
          >
            <span className="tour-mark" aria-hidden="true">
              {place < done ? (
                <Icon name="check" size={14} />
              ) : isRevoked && place === done ? (
                <Loader size={14} color="currentColor" />
              ) : (
                place + 1
              )}
            </span>
            <div className="tour-text">
              <Text className="tour-step">{title}</Text>
              <Text size="sm" c="dimmed" role={place === 1 ? 'status' : undefined}>
                {text}
              </Text>
            </div>
            {place === done && next}
          </li>
        ))}
      </ol>
      <div role="status">
        {done === steps.length && (
          <Text ref={end} tabIndex={-1} className="tour-end">
            {t('tourEnd')}
          </Text>
        )}
      </div>
    </section>
  )
}
