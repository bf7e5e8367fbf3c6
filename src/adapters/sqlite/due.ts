import type { Due } from '../../ports/store.ts'
import type { LeaseStatements } from './lease-statements.ts'
import type { SqliteReads } from './reads.ts'

/** The rows that {@link readDue} reads. */
interface DueQuery {
  readonly now: number
  readonly limit: number
  readonly beyond: number | undefined
}

/** Returns the due rows: first the attempts with lapsed reservations, then the rows in order of their due times. */
export function readDue(
  reads: SqliteReads,
  leases: LeaseStatements,
  { now, limit, beyond }: DueQuery,
): readonly Due[] {
  const lapsed = leases.lapsed.all(now, now, limit)
  const due = reads.due.all(now, now, now, now, limit - lapsed.length)
  const rest = limit - lapsed.length - due.length
  const later = beyond === undefined || rest === 0 ? [] : reads.dueLater.all(beyond, now, now, beyond, rest)
  // Copied, because the driver's rows have no prototype.
  return [...lapsed, ...due, ...later].map((row) => ({ ...row }))
}
