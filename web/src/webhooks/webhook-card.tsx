import { Badge, Box, Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { WebhookView } from '../../../src/client/index.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import type { WebhookTexts } from './use-webhook-texts.ts'
import type { WebhookDialog } from './webhook-dialog.ts'

/** The names of the color tokens of each state. */
const tones = { active: 'ok', failing: 'attention', off: 'idle' } as const

/** One webhook: its address, events and state, and its actions. */
export function WebhookCard(props: {
  readonly webhook: WebhookView
  readonly texts: WebhookTexts
  /** The ids of all webhooks. */
  readonly known: readonly string[]
  readonly onDialog: (dialog: WebhookDialog) => void
  readonly onChange: () => Promise<void>
}) {
  const { webhook, texts, known, onDialog, onChange } = props
  const { t, event, time, result } = texts
  const { t: page } = useLanguage()
  const { act, busy } = useActions()
  const { webhooks } = useLatchkey()
  const [tested, setTested] = useState<string | null>(null)
  const { webhookId, url: address, state, since, reason, rotatedUntil } = webhook
  const box = useRef<HTMLDivElement>(null)
  const turned = useRef(false)
  useEffect(() => {
    // The pressed button was removed: its opposite takes the focus.
    if (turned.current) box.current?.querySelector<HTMLElement>('[data-turn]')?.focus()
    turned.current = false
  }, [state])
  const about = { webhookId, address }

  const test = async (): Promise<void> => {
    if (busy) return
    setTested(null)
    const delivery = await act(() => webhooks.test(webhookId))
    const attempt = delivery?.attempts.at(-1)
    if (attempt !== undefined) setTested(t('testResult', { result: result(attempt) }))
    await onChange()
  }
  const turn = async (enabled: boolean): Promise<void> => {
    if (busy) return
    turned.current = (await act(() => webhooks.change(webhookId, { enabled }))) !== null
    await onChange()
  }
  return (
    <Box ref={box} className="card" p="md" role="listitem" aria-label={address}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="start">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {address}
          </Text>
          <Badge
            variant="transparent"
            c={`var(--lk-${tones[state]})`}
            bg={`var(--lk-${tones[state]}-soft)`}
            flex="none"
            tt="none"
          >
            {t(`state_${state}`)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {webhook.events.map(event).join(', ')}
        </Text>
        {rotatedUntil !== null && <Text size="sm">{t('previousUntil', { time: time(rotatedUntil) })}</Text>}
        {state === 'failing' && (
          <Note tone="attention">
            <Text size="sm">{t('failing', { time: time(since) })}</Text>
          </Note>
        )}
        {state === 'off' && (
          <Note tone={reason === 'turned_off' ? 'idle' : 'attention'}>
            <Group justify="space-between" gap="xs">
              <Text size="sm" flex="1 1 16rem">
                {t(`off_${reason ?? 'turned_off'}`)} {t('offText', { time: time(since) })}
              </Text>
              <Button data-turn size="xs" aria-disabled={busy} onClick={() => void turn(true)}>
                {t('turnOn')}
              </Button>
            </Group>
          </Note>
        )}
        <Group gap="xs">
          <Action aria-label={t('testOf', { address })} aria-disabled={busy} onClick={() => void test()}>
            {t('test')}
          </Action>
          <Action onClick={() => onDialog({ type: 'log', ...about })}>{t('log')}</Action>
          <Action onClick={() => onDialog({ type: 'form', webhook, known })}>{t('edit')}</Action>
          <Action onClick={() => onDialog({ type: 'rotate', ...about })}>{t('rotate')}</Action>
          {state !== 'off' && (
            <Action data-turn aria-disabled={busy} onClick={() => void turn(false)}>
              {t('turnOff')}
            </Action>
          )}
          <Action className="danger" onClick={() => onDialog({ type: 'remove', ...about })}>
            {page('remove')}
          </Action>
          <Text size="sm" role="status">
            {tested}
          </Text>
        </Group>
      </Stack>
    </Box>
  )
}

const Action = Button.withProps({ size: 'xs', variant: 'default' })

function Note({ tone, children }: { readonly tone: 'attention' | 'idle'; readonly children: ReactNode }) {
  return (
    <Box p="xs" c={`var(--lk-${tone})`} bg={`var(--lk-${tone}-soft)`} style={{ borderRadius: 8 }}>
      {children}
    </Box>
  )
}
