import type { EntryView } from '../engine/api/entries.ts'
import type { View } from '../view.ts'
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

/** Returns a flow as a caller may see it. Only the right `manage` can switch the account of an entry. */
export function flowShownTo(access: Access, view: View): View {
  return hasRight(access, 'manage') ? view : flowWithoutDetails(view)
}

/** Returns a flow without the entry of another account and without the offer to switch to it. */
export function flowWithoutDetails(view: View): View {
  if (view.type !== 'abort' || view.accounts === undefined) return view
  const { replaceable, advice, accounts, ...rest } = view
  const { entryId: _, ...found } = accounts.found
  // The advice names the switch.
  const kept = replaceable === true || advice === undefined ? {} : { advice }
  return { ...rest, ...kept, accounts: { expected: accounts.expected, found } }
}
