import { useCallback, useEffect, useRef, useState } from 'react'
import type { EntryView, HistoryRow } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'

/** The number of rows of a page. */
const PAGE = 50

/** The kinds of rows that say only that a form was opened or closed. */
const unimportant: ReadonlySet<string> = new Set(['flow_started', 'flow_finished'])

export const isImportant = ({ kind }: HistoryRow): boolean => !unimportant.has(kind)

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

/** Reads the history of an entry, and its new rows after each change. `isHeld`: new rows wait, for example while the user points at the list. */
export function useHistory(
  entryId: string,
  { entry, isHeld }: { readonly entry: EntryView | undefined; readonly isHeld: boolean },
): EntryHistory {
  const { entries } = useLatchkey()
  const changes = useChanges(entryId, entry)
  const isOpen = useSelected(({ connection }) => connection === 'open')
  const [rows, setRows] = useState<readonly HistoryRow[] | null>(null)
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  const [next, setNext] = useState<string | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const [reading, setReading] = useState(0)
  const shown = useRef<readonly HistoryRow[] | null>(null)
  const read = useCallback(
    async (after: string | null): Promise<void> => {
      setReading((count) => count + 1)
      try {
        const page = await entries.history(entryId, {
          order: 'newest',
          limit: PAGE,
          ...(after !== null && { after }),
        })
        const known = shown.current
        const keys = new Set(known?.map(keyOf))
        const fresh = page.items.filter((row) => !keys.has(keyOf(row)))
        // Rows between the new page and the known rows are missing if the page has only new ones.
        const isApart = known !== null && after === null && fresh.length === PAGE
        const rest = isApart ? [] : (known ?? [])
        // Rows of other processes can be a little out of order.
        const merged = [...(after === null ? fresh : []), ...rest, ...(after === null ? [] : fresh)].sort(
          (a, b) => b.at - a.at,
        )
        shown.current = merged
        setRows(merged)
        if (known === null || after !== null || isApart) setNext(page.next)
        if (known !== null && after === null) setAdded(new Set(fresh.map(keyOf)))
        setFailed(null)
      } catch {
        setFailed(after ?? '')
      } finally {
        setReading((count) => count - 1)
      }
    },
    [entries, entryId],
  )
  useEffect(() => {
    if (isOpen && !isHeld) void read(null)
    // A new value of `changes` means that there may be new rows.
  }, [read, isOpen, isHeld, changes])
  return {
    rows,
    added,
    isFailed: failed !== null,
    isLoading: reading > 0,
    older: next === null ? null : () => void read(next),
    again: () => void read(failed === '' ? null : failed),
  }
}

/** Reads the whole history of an entry, newest row first, as JSON lines. */
export async function historyLines(
  read: (
    after: string | null,
  ) => Promise<{ readonly items: readonly HistoryRow[]; readonly next: string | null }>,
): Promise<string> {
  const lines: string[] = []
  let after: string | null = null
  do {
    const page: { readonly items: readonly HistoryRow[]; readonly next: string | null } = await read(after)
    for (const row of page.items) lines.push(JSON.stringify(row))
    after = page.next
  } while (after !== null)
  return lines.map((line) => `${line}\n`).join('')
}
