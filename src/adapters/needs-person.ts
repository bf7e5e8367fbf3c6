import type { EntryRecord } from '../ports/store.ts'

/** Whether an entry needs attention, as `EntryQuery.needs` defines it. */
export function needsPerson(entry: EntryRecord): boolean {
  return entry.reauth !== null || entry.migrationError !== null || entry.proposal?.dismissed === false
}
