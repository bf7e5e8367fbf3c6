import type { EntryRecord } from '../ports/store.ts'

/** Whether an entry needs attention, as `EntryQuery.needs` defines it. */
export function needsPerson(entry: EntryRecord): boolean {
  const { reauth, migrationError, proposal, refreshFailure, setupFailure, identityHeldBy } = entry
  return (
    reauth !== null ||
    migrationError !== null ||
    proposal?.dismissed === false ||
    refreshFailure?.overdue === true ||
    setupFailure?.retryAt === null ||
    identityHeldBy != null
  )
}
