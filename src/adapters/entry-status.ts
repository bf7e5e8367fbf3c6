import type { StoredCounts, StoredEntryStatus } from '../ports/query.ts'
import type { EntryRecord } from '../ports/store.ts'

/** Returns the status of an entry as `EntryQuery.status` defines it; null without one. */
export function statusOf(entry: EntryRecord): StoredEntryStatus | null {
  const { ignored, disabled, migrationError, rejectedRevision, credentialRevision, setupFailure } = entry
  if (ignored) return 'ignored'
  if (disabled) return 'disabled'
  if (migrationError !== null || rejectedRevision === credentialRevision) return 'waiting'
  return setupFailure == null ? null : 'offline'
}

/** The counts of a scope without entries. */
export const NO_ENTRIES: StoredCounts = {
  all: 0,
  ignored: 0,
  disabled: 0,
  waiting: 0,
  offline: 0,
  attention: 0,
}
