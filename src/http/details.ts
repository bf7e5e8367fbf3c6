import type { EntryView } from '../engine/api/entries.ts'
import { type Access, hasRight } from './access.ts'

/** Returns an entry as a caller may see it: without the details of its last failure, unless it has the right `manage`. */
export function shownTo(access: Access, entry: EntryView): EntryView {
  return hasRight(access, 'manage') ? entry : withoutDetails(entry)
}

/** Returns an entry without the reference of the log line and without the cause of its last failure. */
export function withoutDetails(entry: EntryView): EntryView {
  if (entry.lastError === undefined) return entry
  const { ref: _, cause: __, ...lastError } = entry.lastError
  return { ...entry, lastError }
}
