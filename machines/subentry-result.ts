import type { CheckFailed, FlowAborted } from './check-result.ts'
import type { Draft } from './draft.ts'
import type { EntryCommit, FlowEntry, UpdateEntryResult } from './flow-result.ts'
import type { FormErrors } from './form-errors.ts'

/** The sub-entry that a flow is about. */
export interface FlowSubentry {
  /** The type, as the integration names it. */
  readonly type: string
  /** `null` until it is saved. */
  readonly subentryId: string | null
  /** The revision that was read; `null` for a new one. */
  readonly revision: number | null
}

/** The result of reading the entry and the sub-entry that a flow is about. */
export type FindSubentryResult =
  | { readonly type: 'found'; readonly entry: FlowEntry; readonly subentry: FlowSubentry }
  /** The entry has the maximum number of sub-entries that the host allows. */
  | { readonly type: 'full' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** The title and the unique id of a sub-entry. */
export interface NamedSubentry {
  readonly title: string
  /** `null` if it has none. Such a sub-entry never counts as a duplicate. */
  readonly uniqueId: string | null
}

/** The result of checking a sub-entry on the connection of its entry. */
export type CheckSubentryResult =
  | { readonly type: 'named'; readonly named: NamedSubentry }
  /** The integration rejects the submitted values. */
  | { readonly type: 'refused'; readonly errors: FormErrors }
  | CheckFailed
  | FlowAborted
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** A sub-entry, and the result of the flow that the same write saves. */
export type SubentryCommit = Pick<EntryCommit, 'flowId' | 'end'> & {
  readonly entryId: string | null
  readonly draft: Draft
  readonly subentry: FlowSubentry
  readonly named: NamedSubentry
}

/** The result of saving a sub-entry. */
export type SaveSubentryResult =
  | { readonly type: 'saved'; readonly subentryId: string }
  /** The values are the same as the stored ones. Nothing was written. */
  | { readonly type: 'unchanged' }
  /** The entry has the maximum number of sub-entries that the host allows. */
  | { readonly type: 'full' }
  | Exclude<UpdateEntryResult, { readonly type: 'updated' }>
