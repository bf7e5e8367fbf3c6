import type { CheckResult } from './check-result.ts'
import type { Connection, Draft } from './draft.ts'

/** Field values that are no secrets, to show again. */
export type PublicValues = Readonly<Record<string, unknown>>

/** One thing to choose in a menu whose options were found. */
export interface FoundOption {
  readonly value: string
  readonly label: string
}

/** What the flow has to know of the entry that it mends. */
export interface FlowEntry {
  readonly uniqueId: string | null
  readonly credentialRevision: number
  readonly title: string
  readonly values: PublicValues
}

/** What came of looking for the entry that a flow is about. */
export type FindEntryResult =
  | { readonly type: 'found'; readonly entry: FlowEntry }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** What came of asking a service what there is to choose. */
export type FindOptionsResult =
  | { readonly type: 'found'; readonly options: readonly FoundOption[] }
  | { readonly type: 'failed'; readonly error: 'no_options' }
  | Extract<CheckResult, { type: 'failed' }>

/** What was found, and says of itself who it is. */
export interface Found {
  /** The identity that it is found under; it holds it until the flow ends. */
  readonly uniqueId: string
  readonly title: string | null
  /** Under what the finder knows it. */
  readonly key: string | null
}

/** What there is of an account that was found, or of the one entry that an integration allows. */
export type FindAccountResult =
  | { readonly type: 'free' }
  /** Another open flow holds the identity. */
  | { readonly type: 'held' }
  /** The integration allows one entry, and there is one. */
  | { readonly type: 'only' }
  /** It is linked, at the address where it was found. */
  | { readonly type: 'known'; readonly entryId: string }
  /** It is linked at another address; `followed`: the integration trusts whoever announces it. */
  | { readonly type: 'moved'; readonly entryId: string; readonly followed: boolean }

/** A proven credential, ready to be saved, and the end that the same commit records. */
export interface Proven {
  readonly flowId: string
  readonly draft: Draft
  readonly connection: Connection
  readonly uniqueId: string | null
  readonly end: { readonly type: 'create_entry' | 'abort'; readonly reason: string | null }
}

/** What is to be ignored, and the end that the same commit records. */
export type Ignored = Pick<Proven, 'flowId' | 'end'> & { readonly found: Found }

/** What came of saving a new entry. */
export type CreateEntryResult =
  | { readonly type: 'created'; readonly entryId: string }
  /** Another entry has this identity. */
  | { readonly type: 'taken' }
  /** The integration allows one entry, and there is one. */
  | { readonly type: 'only' }
  /** The flow was ended by somebody else meanwhile. */
  | { readonly type: 'ended' }

/** What came of saving a new credential of an entry. */
export type UpdateEntryResult =
  | { readonly type: 'updated' }
  /** The entry was written meanwhile, its credential was not: read again, apply again. */
  | { readonly type: 'outdated' }
  /** The entry's credential was changed meanwhile. */
  | { readonly type: 'changed' }
  /** Another entry has the identity that this one would adopt, or matches what was entered. */
  | { readonly type: 'taken' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }
  | { readonly type: 'ended' }

/** What came of setting an entry up with what was saved for it. */
export type TryEntryResult =
  | { readonly type: 'running' }
  /** `error`: what the form is to show. */
  | { readonly type: 'failed'; readonly error: string }

/** What came of putting back what a change had replaced. */
export type RestoreEntryResult =
  | { readonly type: 'restored'; readonly credentialRevision: number }
  /** The entry has been given something else meanwhile: that stays. */
  | { readonly type: 'changed' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** What came of saving something of an entry that is not its credential. */
export type SaveResult =
  | { readonly type: 'saved' }
  /** It is what was saved already: nothing was written. */
  | { readonly type: 'unchanged' }
  | Extract<UpdateEntryResult, { type: 'outdated' | 'missing' | 'disabled' | 'ended' }>

/** What is to be saved, and the end that the same commit records. */
export type Saving = Pick<Proven, 'flowId' | 'draft' | 'end'> & { readonly entryId: string | null }
