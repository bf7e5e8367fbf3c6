import type { EntryView } from '../engine/api/entries.ts'
import { FlowEndedError, StaleRevisionError } from '../errors.ts'
import type { View, ViewError } from '../view.ts'
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

/**
 * Returns a flow as a caller may see it. Only the right `manage` can switch the account of an entry, and has the references
 * of log lines.
 */
export function flowShownTo(access: Access, view: View): View {
  return hasRight(access, 'manage') ? view : flowWithoutDetails(view)
}

/** Returns an error as a caller may see it: with the view that the caller may see. */
export function errorShownTo(access: Access | null, error: unknown): unknown {
  const isView = error instanceof StaleRevisionError || error instanceof FlowEndedError
  if (!isView || (access !== null && hasRight(access, 'manage'))) return error
  const view = error.view as View | EntryView
  if (error instanceof FlowEndedError) return new FlowEndedError(flowWithoutDetails(view as View))
  return new StaleRevisionError('flowId' in view ? flowWithoutDetails(view) : withoutDetails(view))
}

/**
 * Returns a flow without the entry of another account, without the offer to switch to it, and without the references of log
 * lines.
 */
export function flowWithoutDetails(view: View): View {
  if ('errors' in view) {
    const errors = Object.entries(view.errors).map(([pointer, error]) => [pointer, withoutRef(error)])
    return { ...view, errors: Object.fromEntries(errors) }
  }
  if (view.type !== 'abort' || view.accounts === undefined) return view
  const { replaceable, advice, accounts, ...rest } = view
  const { entryId: _, ...found } = accounts.found
  // The advice names the switch.
  const kept = replaceable === true || advice === undefined ? {} : { advice }
  return { ...rest, ...kept, accounts: { expected: accounts.expected, found } }
}

/** Returns an error of a form without its reference. The advice quotes it. */
function withoutRef(error: ViewError): ViewError {
  const { ref, advice, ...rest } = error
  return ref === undefined || advice === undefined || !advice.includes(ref)
    ? { ...rest, ...(advice !== undefined && { advice }) }
    : rest
}
