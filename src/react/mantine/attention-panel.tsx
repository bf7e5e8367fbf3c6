'use client'
import { VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import type { AttentionItem } from '../../client/index.ts'
import { useAttention } from '../client-state.ts'
import { useRepair } from '../use-repair.ts'
import { groupsOf } from './attention-groups.ts'
import { AttentionLine } from './attention-line.tsx'
import { errorText } from './error-text.ts'
import { Icon } from './icon.tsx'
import { listStyles } from './list-styles.ts'
import type { ConnectionFilter } from './list-tools.tsx'
import { panelStyles } from './panel-styles.ts'
import { Styles } from './styles.tsx'
import { type Texts, useTexts } from './use-texts.ts'

/** The number of lines; the others follow with the button to show all. */
const LINES = 3

/**
 * Names the connections that need the user, by integration and reason, with buttons for their repair. Renders nothing
 * without such connections.
 *
 * @example
 * ```tsx
 * import { AttentionPanel, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <AttentionPanel onRepair={setFlowId} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function AttentionPanel(props: {
  readonly onRepair: (flowId: string) => void
  /**
   * Called to show some of the connections, with the filter of a `ConnectionList`. Without it, the panel itself shows
   * them.
   */
  readonly onShow?: (filter: ConnectionFilter) => void
  /** Called to show a webhook that was turned off, with its id. Without it there is no button. */
  readonly onWebhook?: (webhookId: string) => void
  /** Called to remove a connection whose saved data cannot be read. Without it there is no button. */
  readonly onRemove?: (entryId: string) => void
  readonly texts?: Partial<Texts>
}) {
  const items = useAttention()
  const urgent = items.filter(({ reason }) => reason !== 'pending_expiration')
  const expiring = items.filter(({ reason }) => reason === 'pending_expiration')
  const texts = useTexts(props.texts)
  const { t } = texts
  return (
    <>
      <Styles name="list" css={listStyles} />
      <Styles name="panels" css={panelStyles} />
      <Announced count={urgent.length} text={t('attention', { count: urgent.length })} />
      <Panel {...props} items={urgent} heading={t('attention', { count: urgent.length })} tone="attention" />
      <Panel
        {...props}
        items={expiring}
        heading={t('expiringSoon', { count: expiring.length })}
        tone="warn"
      />
    </>
  )
}

function Panel(
  props: Parameters<typeof AttentionPanel>[0] & {
    readonly items: readonly AttentionItem[]
    readonly heading: string
    readonly tone: 'attention' | 'warn'
  },
) {
  const { items, heading, tone, onShow } = props
  const texts = useTexts(props.texts)
  const { t } = texts
  const repair = useRepair()
  const [isOpen, setOpen] = useState(false)
  const failure = errorText(texts, repair.error)
  if (items.length === 0) return null
  const groups = isOpen
    ? items.toReversed().map((item) => ({ key: item.entryId ?? item.text, items: [item] as const }))
    : groupsOf(items)
  const shown = isOpen ? groups : groups.slice(0, LINES)
  const isCut = shown.length < groups.length || groups.some((group) => group.items.length > 1)
  const show = (domain: string | null): void => {
    if (onShow === undefined) setOpen(true)
    else onShow({ q: '', state: 'attention', domain, group: null })
  }
  return (
    <section className={`lkl-panel lkl-panel-${tone}`} aria-label={heading}>
      <div className="lkl-panel-head">
        <Icon name="alert" size={18} />
        <h2>{heading}</h2>
        {isCut && (
          <button type="button" className="lkl-panel-all" onClick={() => show(null)}>
            {t('showAll', { count: items.length })}
          </button>
        )}
      </div>
      <ul>
        {shown.map((group, at) => (
          <AttentionLine
            key={group.key}
            group={group}
            isFirst={at === 0 && tone === 'attention'}
            repair={repair}
            texts={texts}
            onRepair={props.onRepair}
            onReview={() => show(group.items[0].domain ?? null)}
            onRemove={props.onRemove}
            onWebhook={props.onWebhook}
          />
        ))}
      </ul>
      {failure !== null && (
        <p className="lkl-panel-failure" role="alert">
          {failure}
        </p>
      )}
    </section>
  )
}

/** Tells screen readers that more connections need attention than before. */
function Announced({ count, text }: { readonly count: number; readonly text: string }) {
  const [last, setLast] = useState({ count, isMore: false })
  if (last.count !== count) setLast({ count, isMore: count > last.count })
  return <VisuallyHidden role="status">{last.isMore ? text : ''}</VisuallyHidden>
}
