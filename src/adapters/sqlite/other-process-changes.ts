import type { Elsewhere } from '../../ports/store.ts'
import { readAuditPage } from '../stored-record.ts'
import type { SqliteReads } from './reads.ts'

/** Maximum number of rows per call. The next call returns the rest. */
const MAX_ROWS = 1_000

/**
 * Returns the history rows since a mark. The mark has SQLite's data version, which changes with commits of other
 * connections, and the last row of the history.
 */
export function readElsewhere(reads: SqliteReads, scope: string, since: string | null): Elsewhere {
  // Read before the rows. Rows that are committed in between are returned now and checked again by the next call.
  const version = String(reads.dataVersion.get()?.data_version)
  const last = () => reads.lastOfHistory.get(scope)?.seq ?? 0
  if (since === null) return { mark: `${version} ${last()}`, rows: [] }
  const [seen, seq] = since.split(' ')
  if (seen === version) return { mark: since, rows: [] }
  // After a purge of the whole history, sequence numbers start again.
  const from = Math.min(Number(seq), last())
  const rows = reads.history.all(scope, from, MAX_ROWS)
  const read = rows.length < MAX_ROWS ? version : seen
  return { mark: `${read} ${rows.at(-1)?.seq ?? from}`, rows: readAuditPage(rows, MAX_ROWS).items }
}
