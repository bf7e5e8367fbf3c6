import type { ConnectFailure } from './check-result.ts'
import type { Draft } from './draft.ts'
import type { FlowEntry, Proven, UpdateEntryResult } from './flow-result.ts'
import type { FormErrors } from './form-errors.ts'

/** What under its entry a flow is about. */
export interface FlowSubentry {
  /** Of what kind it is, by the integration's own name. */
  readonly type: string
  /** Null while there is none. */
  readonly subentryId: string | null
  /** As which it was read; null for a new one. */
  readonly revision: number | null
}

/** What came of looking for what a flow is about, under its entry. */
export type FindSubentryResult =
  | { readonly type: 'found'; readonly entry: FlowEntry; readonly subentry: FlowSubentry }
  /** The entry holds as many as the host allows. */
  | { readonly type: 'full' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** How a thing under an entry is called, and who it is. */
export interface NamedSubentry {
  readonly title: string
  /** Null where it has no identity: then nothing else is the same. */
  readonly uniqueId: string | null
}

/** What came of trying what was entered for a thing under an entry, on the entry's own connection. */
export type CheckSubentryResult =
  | { readonly type: 'named'; readonly named: NamedSubentry }
  /** The integration refuses what was entered, and says why. */
  | { readonly type: 'refused'; readonly errors: FormErrors }
  /** `until`: milliseconds since the epoch until which the service wants to be left alone. */
  | {
      readonly type: 'failed'
      readonly error: ConnectFailure | 'reauth_required' | 'entry_not_loaded'
      readonly until?: number
    }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** What is to be saved under an entry, and the end that the same commit records. */
export type SavingSubentry = Pick<Proven, 'flowId' | 'end'> & {
  readonly entryId: string | null
  readonly draft: Draft
  readonly subentry: FlowSubentry
  readonly named: NamedSubentry
}

/** What came of saving a thing under an entry. */
export type SaveSubentryResult =
  | { readonly type: 'saved'; readonly subentryId: string }
  /** It is what was saved already: nothing was written. */
  | { readonly type: 'unchanged' }
  /** The entry holds as many as the host allows. */
  | { readonly type: 'full' }
  | Exclude<UpdateEntryResult, { readonly type: 'updated' }>
