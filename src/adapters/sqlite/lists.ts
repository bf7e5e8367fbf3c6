import type { AttentionQuery, NeedyEntry, Page } from '../../ports/store.ts'
import { FIRST_EXPIRING, formatCursor, parseCursor } from '../attention-cursor.ts'
import type { RecordRow, SqliteReads } from './reads.ts'
import { readRecord } from './record.ts'

/** A row of an entry that needs attention, and its position in the list. */
interface AttentionRow extends RecordRow {
  readonly editFlowId: string | null
  readonly cursor: string
}

/** Returns the rows of the entries that need attention, and then those whose credential expires. */
export function attentionRows(
  reads: SqliteReads,
  scope: string,
  { after, limit, expiringUntil }: AttentionQuery,
): readonly AttentionRow[] {
  const from = parseCursor(after)
  const needing =
    from.part === 'needs'
      ? (from.entryId === null
          ? reads.needing.all(scope, limit)
          : reads.needingAfter.all(scope, from.entryId, limit)
        ).map((row) => ({ ...row, cursor: formatCursor({ part: 'needs', entryId: row.id }) }))
      : []
  if (needing.length === limit) return needing
  const { expiresAt, entryId } = from.part === 'expiring' ? from : FIRST_EXPIRING
  const soon = reads.needingSoon.all(scope, expiringUntil, expiresAt, entryId, limit - needing.length)
  return [
    ...needing,
    ...soon.map((row) => ({
      ...row,
      cursor: formatCursor({ part: 'expiring', expiresAt: Number(row.expiresAt), entryId: row.id }),
    })),
  ]
}

/** Returns a page of rows. `rows` has one row more than `limit` if there is a next page. */
export function readAttentionPage(
  scope: string,
  rows: readonly AttentionRow[],
  limit: number,
): Page<NeedyEntry> {
  const shown = rows.slice(0, limit)
  const items: NeedyEntry[] = []
  const unreadable: string[] = []
  for (const row of shown) {
    try {
      items.push({ entry: readRecord('entry', scope, row), editFlowId: row.editFlowId })
    } catch {
      unreadable.push(row.id)
    }
  }
  return { items, next: rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null, unreadable }
}

/** Returns the names of scopes in order. Each costs one step in two indexes. */
export function scopeNames(reads: SqliteReads, after: string | undefined, limit: number): readonly string[] {
  const names: string[] = []
  let next = (after === undefined ? reads.scopeFrom.get('', '') : reads.scopeAfter.get(after, after))?.scope
  while (next != null && names.length < limit) {
    names.push(next)
    next = reads.scopeAfter.get(next, next)?.scope
  }
  return names
}
