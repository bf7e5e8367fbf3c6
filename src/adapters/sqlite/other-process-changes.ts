import type { Elsewhere } from '../../ports/store.ts'
import type { SqliteReads } from './reads.ts'
import { readAuditPage } from './record.ts'

/** How many rows are read at once; what is left is read the next time. */
const MOST = 1_000

/** Reads what was written since a mark: SQLite's number for the commits of other connections, and the last row of the history. */
export function readElsewhere(reads: SqliteReads, scope: string, since: string | null): Elsewhere {
  // Before the rows: what is committed between is read now, and looked for once more.
  const version = String(reads.dataVersion.get()?.data_version)
  const last = () => reads.lastOfTrail.get(scope)?.seq ?? 0
  if (since === null) return { mark: `${version} ${last()}`, rows: [] }
  const [seen, seq] = since.split(' ')
  if (seen === version) return { mark: since, rows: [] }
  // A history that was let go of as a whole counts from the beginning.
  const from = Math.min(Number(seq), last())
  const rows = reads.trail.all(scope, from, MOST)
  const read = rows.length < MOST ? version : seen
  return { mark: `${read} ${rows.at(-1)?.seq ?? from}`, rows: readAuditPage(rows, MOST).items }
}
