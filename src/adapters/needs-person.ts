import type { EntryRecord } from '../ports/store.ts'

/** Whether an entry belongs in the attention list: what `EntryQuery.needs` asks for. */
export function needsPerson(entry: EntryRecord): boolean {
  return entry.reauth !== null || entry.migrationError !== null || entry.proposal?.dismissed === false
}
