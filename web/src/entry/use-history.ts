import { useCallback, useEffect, useRef, useState } from 'react'
import type { EntryView, HistoryRow, LatchkeyClient } from '../../../src/client/index.ts'
import type { AuditKind } from '../../../src/engine/records/audit.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'

/** The number of rows of a page. */
const PAGE = 50

/** The kinds of rows, and whether they say more than that a form was opened or closed. */
const kinds: Readonly<Record<AuditKind, boolean>> = {
  entry_created: true,
  entry_ignored: true,
  address_proposed: true,
  address_followed: true,
  address_discarded: true,
  proposal_dismissed: true,
  proposal_withdrawn: true,
  entry_renamed: true,
  entry_removed: true,
  entry_disabled: true,
  entry_enabled: true,
  entry_migrated: true,
  migration_failed: true,
  credential_updated: true,
  account_replaced: true,
  credential_restored: true,
  options_changed: true,
  subentry_added: true,
  subentry_changed: true,
  subentry_removed: true,
  reauth_required: true,
  reauth_repaired: true,
  reauth_withdrawn: true,
  refresh_failed: true,
  refresh_repaired: true,
  client_refused: true,
  client_accepted: true,
  client_refusal_expired: true,
  flow_started: false,
  flow_rejected: true,
  flow_finished: false,
  attempts_reset: true,
  links_revoked: true,
  credential_expiring: true,
  webhook_added: true,
  webhook_changed: true,
  webhook_secret_rotated: true,
  webhook_removed: true,
  webhook_off: true,
}
const important = Object.entries(kinds).flatMap(([kind, isImportant]) => (isImportant ? [kind] : []))

export const keyOf = (row: HistoryRow): string =>
  `${row.at} ${row.flowId} ${row.kind} ${row.code} ${row.revision}`

/** The history of an entry, newest row first. */
export interface EntryHistory {
  /** Null until the first rows are known. */
  readonly rows: readonly HistoryRow[] | null
  /** The keys of the rows that were added since the first rows were shown. */
  readonly added: ReadonlySet<string>
  /** Whether the last request failed. The rows from before stay. */
  readonly isFailed: boolean
  readonly isLoading: boolean
  /** Loads older rows. Null if all are loaded. */
  readonly older: (() => void) | null
  /** Repeats the request that failed. */
  readonly again: () => void
}

/** Counts the changes of an entry and its flows, which may have added rows. */
function useChanges(entryId: string, entry: EntryView | undefined): string {
  const flows = useSelected(({ flows: known }) => {
    let changes = ''
    for (const view of known.values())
      if (view.entryId === entryId) changes += `${view.flowId} ${view.revision} `
    return changes
  })
  return `${entry?.revision} ${entry?.state} ${entry?.reauth?.since} ${flows}`
}

/**
 * Reads the history of an entry, and its new rows after each change. `isWhole`: also the rows that say only that a form was
 * opened or closed. `isHeld`: new rows wait, for example while the user points at the list.
 */
export function useHistory(
  entryId: string,
  options: {
    readonly entry: EntryView | undefined
    readonly isWhole: boolean
    readonly isHeld: boolean
  },
): EntryHistory {
  const { entry, isWhole, isHeld } = options
  const { entries } = useLatchkey()
  const changes = useChanges(entryId, entry)
  const isOpen = useSelected(({ connection }) => connection === 'open')
  const [rows, setRows] = useState<readonly HistoryRow[] | null>(null)
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  const [next, setNext] = useState<string | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const [reading, setReading] = useState(0)
  /** The rows that are shown, and whether they are the whole history. */
  const shown = useRef<{ readonly isWhole: boolean; readonly rows: readonly HistoryRow[] } | null>(null)
  /** The selection of the last request. */
  const selected = useRef<boolean | null>(null)
  const read = useCallback(
    async (after: string | null): Promise<void> => {
      selected.current = isWhole
      setReading((count) => count + 1)
      try {
        const before = shown.current?.isWhole === isWhole ? shown.current.rows : null
        const page = await pageOf(
          (from) =>
            entries.history(entryId, {
              order: 'newest',
              limit: PAGE,
              ...(!isWhole && { kinds: important }),
              ...(from !== null && { after: from }),
            }),
          after,
          new Set(after === null ? before?.map(keyOf) : []),
        )
        // The user has selected the other rows since.
        if (selected.current !== isWhole) return
        const known = shown.current?.isWhole === isWhole ? shown.current.rows : null
        const keys = new Set(known?.map(keyOf))
        const fresh = page.items.filter((row) => !keys.has(keyOf(row)))
        // Rows between the new page and the known rows are missing if the page has only new ones.
        const isApart = known !== null && after === null && fresh.length >= PAGE
        const rest = isApart ? [] : (known ?? [])
        // Rows of other processes can be a little out of order.
        const merged = [...(after === null ? fresh : []), ...rest, ...(after === null ? [] : fresh)].sort(
          (a, b) => b.at - a.at,
        )
        shown.current = { isWhole, rows: merged }
        setRows(merged)
        if (known === null || after !== null || isApart) setNext(page.next)
        setAdded(new Set(known !== null && after === null ? fresh.map(keyOf) : []))
        setFailed(null)
      } catch {
        if (selected.current === isWhole) setFailed(after ?? '')
      } finally {
        setReading((count) => count - 1)
      }
    },
    [entries, entryId, isWhole],
  )
  useEffect(() => {
    // A choice of the user does not wait, although the pointer is on the list.
    if (isOpen && (!isHeld || selected.current !== isWhole)) void read(null)
    // A new value of `changes` means that there may be new rows.
  }, [read, isOpen, isHeld, isWhole, changes])
  return {
    rows,
    added,
    isFailed: failed !== null,
    isLoading: reading > 0,
    older: next === null ? null : () => void read(next),
    again: () => void read(failed === '' ? null : failed),
  }
}

type RowPage = Pick<Awaited<ReturnType<LatchkeyClient['entries']['history']>>, 'items' | 'next'>

/** Reads a page of some kinds of rows: the pages of the server can be shorter. Ends at a known row. */
async function pageOf(
  read: (after: string | null) => Promise<RowPage>,
  after: string | null,
  known: ReadonlySet<string>,
): Promise<RowPage> {
  let { items, next } = await read(after)
  while (next !== null && items.length < PAGE && !items.some((row) => known.has(keyOf(row)))) {
    const more = await read(next)
    items = [...items, ...more.items]
    next = more.next
  }
  return { items, next }
}

/** Reads the whole history of an entry, newest row first, as JSON lines. */
export async function historyLines(read: (after: string | null) => Promise<RowPage>): Promise<string> {
  const lines: string[] = []
  let after: string | null = null
  do {
    const page: RowPage = await read(after)
    for (const row of page.items) lines.push(JSON.stringify(row))
    after = page.next
  } while (after !== null)
  return lines.map((line) => `${line}\n`).join('')
}
