import { Button } from '@mantine/core'
import { type CSSProperties, type MouseEvent, memo, type ReactNode, useId } from 'react'
import type { EntryView } from '../../client/index.ts'
import { useEntry, useEntryAttention } from '../use-entries.ts'
import { repairFor } from '../use-repair.ts'
import { ConnectionAge, ConnectionState } from './connection-state.tsx'
import { ServiceIcon } from './service-icon.tsx'
import type { ComponentTexts } from './use-texts.ts'

/** An action of a row that is not in its menu. */
export type QuickAction = 'repair' | 'reload' | 'enable'

/** The parts of a row that all rows of a list share. */
export interface RowControls {
  readonly texts: ComponentTexts
  /** Time at which the connection to Latchkey was lost, or null. */
  readonly lostAt: number | null
  hrefOf(entryId: string): string
  iconOf(domain: string): string | undefined
  readonly hasRepair: boolean
  readonly onOpen: ((entryId: string) => void) | undefined
  onAction(action: QuickAction, entry: EntryView): void
  readonly onSelect: ((entryId: string) => void) | undefined
  readonly menu: ((entryId: string) => ReactNode) | undefined
}

/** A row of the list. It renders again only when its entry changes. */
export const ConnectionRow = memo(function ConnectionRow(props: {
  readonly entryId: string
  /** Position in the list, from 1, and the length of the list. */
  readonly at: number
  readonly of: number
  /** Whether the row is the one that the Tab key reaches. */
  readonly isActive: boolean
  readonly isSelected: boolean
  /** Whether a head above the row shows the icon and the name of its service. */
  readonly isGrouped: boolean
  readonly isPhone: boolean
  readonly top: number
  readonly height: number
  readonly controls: RowControls
}) {
  const { entryId, at, of, isActive, isSelected, isGrouped, isPhone, top, height, controls } = props
  const { texts, lostAt, onSelect } = controls
  const { t } = texts
  const entry = useEntry(entryId)
  const item = useEntryAttention(entryId)
  const id = useId()
  const place: CSSProperties = { top, height }
  // Removed, or not known yet: the next list no longer has it.
  if (entry === null || entry === undefined) return <li className="lkl-row" style={place} />

  const { title, service = entry.domain, address, account } = entry
  const details = [
    isGrouped && !isPhone ? undefined : service,
    ...new Set([address, account === title ? undefined : account]),
    itemsOf(entry),
  ].filter(Boolean)
  const open = (event: MouseEvent): void => {
    if (controls.onOpen === undefined) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    controls.onOpen(entryId)
  }
  const quick = quickActionOf(entry, controls.hasRepair ? item : undefined)
  return (
    <li
      className={`lkl-row${isGrouped && !isPhone ? '' : ' lkl-own'}`}
      aria-labelledby={`${id}t ${id}d ${id}s`}
      aria-posinset={at}
      aria-setsize={of}
      data-entry={entryId}
      data-selected={isSelected || undefined}
      style={place}
    >
      <div className="lkl-gutter">
        {onSelect !== undefined && (
          <label className="lkl-pick">
            <input
              type="checkbox"
              tabIndex={-1}
              checked={isSelected}
              aria-label={t('selectOf', { name: title })}
              onChange={() => onSelect(entryId)}
            />
          </label>
        )}
        {(!isGrouped || isPhone) && (
          <ServiceIcon
            domain={entry.domain}
            service={service}
            icon={controls.iconOf(entry.domain)}
            size={36}
          />
        )}
      </div>
      <div className="lkl-main">
        <a
          id={`${id}t`}
          className="lkl-title"
          href={controls.hrefOf(entryId)}
          tabIndex={isActive ? 0 : -1}
          aria-describedby={`${id}d ${id}s`}
          title={title}
          onClick={open}
        >
          {title}
        </a>
        {!isPhone && (
          <div id={`${id}d`} className="lkl-detail" title={details.join(' · ')}>
            {details.join(' · ')}
          </div>
        )}
      </div>
      <div id={`${id}s`} className="lkl-status">
        <ConnectionState entry={entry} isOld={lostAt !== null} />
        {isPhone && (
          <div id={`${id}d`} className="lkl-detail">
            {details.slice(0, 2).join(' · ')}
          </div>
        )}
      </div>
      <div className="lkl-age">
        <ConnectionAge entry={entry} texts={texts} lostAt={lostAt} />
      </div>
      <div className="lkl-actions">
        {quick !== null && (
          <Button
            className="lkl-quick"
            data-action={quick}
            size="xs"
            variant={quick === 'repair' ? 'default' : 'subtle'}
            tabIndex={-1}
            aria-disabled={lostAt !== null || undefined}
            aria-label={t(labels[quick].of, { name: title })}
            onClick={() => controls.onAction(quick, entry)}
          >
            {t(labels[quick].short)}
          </Button>
        )}
        {controls.menu?.(entryId)}
      </div>
    </li>
  )
})

const labels = {
  repair: { short: 'repair', of: 'repairOf' },
  reload: { short: 'tryNow', of: 'tryNowOf' },
  enable: { short: 'enable', of: 'enableOf' },
} as const

/** Returns the action that a row offers outside of its menu, or null. */
function quickActionOf(entry: EntryView, item: ReturnType<typeof useEntryAttention>): QuickAction | null {
  if (entry.disabled) return 'enable'
  if (item !== undefined && (item.flowId !== null || repairFor(item.reason) !== null)) return 'repair'
  return entry.state === 'setup_retry' || entry.quiet ? 'reload' : null
}

/** Names the first two sub-entries of an entry, and counts the others. */
function itemsOf({ subentries }: EntryView): string {
  const titles = subentries.slice(0, 2).map(({ title }) => title)
  return titles.join(', ') + (subentries.length > 2 ? ` +${subentries.length - 2}` : '')
}
