import type { AuditQuery, AuditRow } from '../../ports/history.ts'
import type { CountQuery, StoredCounts } from '../../ports/query.ts'
import type {
  AnyEntryQuery,
  AttentionQuery,
  EntryName,
  EntryQuery,
  EntryRecord,
  EntryRow,
  FlowQuery,
  FlowRecord,
  NeedyEntry,
  Page,
} from '../../ports/store.ts'
import { FIRST_EXPIRING, formatCursor, parseCursor } from '../attention-cursor.ts'
import { NO_ENTRIES } from '../entry-status.ts'
import { type AttentionRow, readAttentionPage, readAuditPage, readPage } from '../stored-record.ts'
import type { SqliteReads } from './reads.ts'

/** A page of a list. */
export interface PageQuery {
  readonly after?: string
  readonly limit: number
}

/** Returns the rows of the entries that need attention, and then those whose credential expires. */
function attentionRows(
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

/** Returns a page of the entries that need attention. */
export function attentionPage(reads: SqliteReads, scope: string, query: AttentionQuery): Page<NeedyEntry> {
  const limit = Math.max(1, query.limit)
  return readAttentionPage(scope, attentionRows(reads, scope, { ...query, limit: limit + 1 }), limit)
}

/** Returns a page of entries. */
export function entriesPage(reads: SqliteReads, scope: string, query: EntryQuery): Page<EntryRecord> {
  const limit = Math.max(1, query.limit)
  return readPage('entry', scope, reads.entries(scope, { ...query, limit: limit + 1 }), limit)
}

/** Counts the entries of a scope. */
export function entryCounts(reads: SqliteReads, scope: string, query: CountQuery): StoredCounts {
  const counts = reads.counts.get(scope, query.atMost, query.expiringUntil)
  // The rows of the driver have no prototype.
  return { ...NO_ENTRIES, ...counts }
}

/** Returns a page of flows. */
export function flowsPage(reads: SqliteReads, scope: string, query: FlowQuery): Page<FlowRecord> {
  const limit = Math.max(1, query.limit)
  return readPage('flow', scope, reads.flows(scope, { ...query, limit: limit + 1 }), limit)
}

/** Returns the names of scopes in order. Each costs one step in three indexes. */
export function scopeNames(reads: SqliteReads, after: string | undefined, limit: number): readonly string[] {
  const names: string[] = []
  let next = (
    after === undefined
      ? reads.scopeFrom.get('', '', '', '')
      : reads.scopeAfter.get(after, after, after, after)
  )?.scope
  while (next != null && names.length < limit) {
    names.push(next)
    next = reads.scopeAfter.get(next, next, next, next)?.scope
  }
  return names
}

/** Returns one entry of any scope. */
export function anyEntryRow(reads: SqliteReads, { domain, uniqueId }: AnyEntryQuery): EntryRow | undefined {
  if (domain === undefined) return reads.anyEntry.get()
  if (uniqueId === undefined) return reads.anyOfDomain.get(domain)
  return reads.anyOfAccount.get(domain, uniqueId)
}

/** Returns a page of the history of an entry; with `null`, of the whole scope. */
export function historyPage(
  reads: SqliteReads,
  scope: string,
  entryId: string | null,
  { after, limit, order }: AuditQuery,
): Page<AuditRow> {
  const count = Math.max(1, limit)
  const isNewest = order === 'newest'
  const from = Number(after ?? (isNewest ? Number.MAX_SAFE_INTEGER : 0))
  const rows =
    entryId === null
      ? (isNewest ? reads.newestHistory : reads.history).all(scope, from, count + 1)
      : (isNewest ? reads.newestAudit : reads.audit).all(scope, entryId, from, count + 1)
  return readAuditPage(rows, count)
}

/** Returns the name of an entry. The rows of the driver have no prototype. */
export const nameOf = ({ scope, entryId }: EntryName): EntryName => ({ scope, entryId })

interface UnownedQuery {
  readonly domains: readonly string[]
  readonly now: number
  readonly limit: number
}

/** Returns entries of domains whose connection no process owns. */
export function unownedEntries(
  reads: SqliteReads,
  { domains, now, limit }: UnownedQuery,
): readonly EntryName[] {
  const found: EntryName[] = []
  for (const domain of domains)
    found.push(...reads.unowned.all(domain, now, now, limit - found.length).map(nameOf))
  return found
}
