'use client'
import { Button, VisuallyHidden } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { View } from '../../client/index.ts'
import { useDiscovered, useIgnored } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import { useAction } from '../use-action.ts'
import { useIntegrations } from '../use-integrations.ts'
import { errorText } from './error-text.ts'
import { panelStyles } from './panel-styles.ts'
import { ServiceIcon } from './service-icon.tsx'
import { shownValues } from './shown-values.ts'
import { Styles } from './styles.tsx'
import { useLostAt } from './use-lost-at.ts'
import { type ComponentTexts, type Texts, useTexts } from './use-texts.ts'

/** The number of lines if there is a place that shows the others. */
const LINES = 2

/** A discovery that the user has ignored. */
export interface IgnoredDiscovery {
  readonly name: string
  /** Suggests it again. Resolves with whether it succeeded. */
  undo(): Promise<boolean>
}

/**
 * Lists discoveries with buttons to add or ignore them, and the ignored ones. Renders nothing if both lists are empty.
 *
 * @example
 * ```tsx
 * import { Discovered, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <Discovered onAdd={setFlowId} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function Discovered(props: {
  /** Called with the flow that adds a discovery. */
  readonly onAdd: (flowId: string) => void
  /** Opens the place that lists all discoveries. Then at most two are shown here. */
  readonly onShowAll?: () => void
  /** Called after the user has ignored a discovery. By default, the component shows a text. */
  readonly onIgnored?: (ignored: IgnoredDiscovery) => void
  readonly texts?: Partial<Texts>
}) {
  const { onAdd, onShowAll, onIgnored } = props
  const texts = useTexts(props.texts)
  const { t } = texts
  const { flows, entries } = useLatchkey()
  const discovered = useDiscovered()
  const ignored = useIgnored()
  const { pending, error, run } = useAction()
  const [status, setStatus] = useState<{ readonly text: string; readonly undo?: () => void } | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const failure = errorText(texts, error)
  // The pressed button is removed with its line: the heading takes the focus.
  useEffect(() => {
    if (status !== null) heading.current?.focus()
  }, [status])
  if (discovered.length === 0 && ignored.length === 0 && status === null) return null

  const offer = async (entryId: string, name: string): Promise<boolean> => {
    const isDone = (await run(entryId, () => entries.remove(entryId).then(() => true))) === true
    if (isDone) setStatus({ text: t('isOffered', { name }) })
    return isDone
  }
  const ignore = async (flowId: string, name: string): Promise<void> => {
    const view = await run(flowId, () => flows.ignore(flowId))
    if (view === null) return
    const { entryId } = view
    const undo = async (): Promise<boolean> => entryId !== null && offer(entryId, name)
    if (onIgnored === undefined) setStatus({ text: t('isIgnored', { name }), undo: () => void undo() })
    else {
      heading.current?.focus()
      onIgnored({ name, undo })
    }
  }
  const shown = onShowAll === undefined ? discovered : discovered.slice(0, LINES)
  return (
    <section className="lkl-found" aria-label={t('discovered')}>
      <Styles name="panels" css={panelStyles} />
      <VisuallyHidden component="h2" ref={heading} tabIndex={-1}>
        {t('discovered')}
      </VisuallyHidden>
      {shown.length > 0 && (
        <ul>
          {shown.map((view) => (
            <Line
              key={view.flowId}
              view={view}
              texts={texts}
              isBusy={pending === view.flowId}
              onAdd={() => {
                setStatus(null)
                onAdd(view.flowId)
              }}
              onIgnore={(name) => void ignore(view.flowId, name)}
            />
          ))}
        </ul>
      )}
      <div role="status" className={status === null ? undefined : 'lkl-found-foot'}>
        {status?.text}{' '}
        {status?.undo !== undefined && (
          <Button size="compact-sm" variant="subtle" onClick={status.undo}>
            {t('undo')}
          </Button>
        )}
      </div>
      {failure !== null && (
        <p className="lkl-panel-failure" role="alert">
          {failure}
        </p>
      )}
      {shown.length < discovered.length && (
        <div className="lkl-found-foot">
          <Button size="compact-sm" variant="subtle" onClick={onShowAll}>
            {t('showAll', { count: discovered.length })}
          </Button>
        </div>
      )}
      {onShowAll === undefined && ignored.length > 0 && (
        <details className="lkl-found-foot">
          <summary>{t('ignored', { count: ignored.length })}</summary>
          <ul>
            {ignored.map(({ entryId, title: name }) => (
              <li key={entryId} className="lkl-line">
                <span className="lkl-line-text">{name}</span>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t('stopIgnoringOf', { name })}
                  loading={pending === entryId}
                  onClick={() => void offer(entryId, name)}
                >
                  {t('stopIgnoring')}
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

/** A discovery. One that is connecting can no longer be ignored. */
function Line(props: {
  readonly view: View
  readonly texts: ComponentTexts
  readonly isBusy: boolean
  readonly onAdd: () => void
  readonly onIgnore: (name: string) => void
}) {
  const { view, isBusy } = props
  const isAway = useLostAt() !== null || undefined
  const { t } = props.texts
  const integration = useIntegrations()?.find(({ domain }) => domain === view.domain)
  const service = integration?.title ?? view.domain
  const name = view.placeholders.name ?? service
  const address = view.type === 'form' ? shownValues(view.values) : ''
  const details = [service === name ? '' : service, address].filter(Boolean).join(' · ')
  return (
    <li className="lkl-line">
      <ServiceIcon domain={view.domain} service={service} icon={integration?.icon} size={32} />
      <div className="lkl-line-text lkl-found-name">
        {name} {details !== '' && <span>· {details}</span>}
      </div>
      <span className="lkl-found-kind" aria-hidden="true">
        {t('discovered')}
      </span>
      <div className="lkl-line-actions">
        {'mayIgnore' in view && (
          <Button
            size="xs"
            aria-disabled={isAway}
            variant="subtle"
            aria-label={t('ignoreOf', { name })}
            loading={isBusy}
            onClick={() => props.onIgnore(name)}
          >
            {t('ignore')}
          </Button>
        )}
        <Button
          size="xs"
          aria-disabled={isAway}
          variant="default"
          aria-label={t('addOf', { name })}
          disabled={isBusy}
          onClick={props.onAdd}
        >
          {t('add')}
        </Button>
      </div>
    </li>
  )
}
