import type { CheckFailed, FlowAborted } from './check-result.ts'
import type { Connection, Draft } from './draft.ts'
import type { FlowEnd } from './flow-end.ts'

/** Field values that are not secret. The form shows them again. */
export type PublicValues = Readonly<Record<string, unknown>>

/** The value of a choice. All choices of a field have the type of the field. */
export type ChoiceValue = string | number | boolean

/** A value that the user can choose for a field. */
export interface FoundChoice {
  readonly value: ChoiceValue
  readonly label: string
  readonly description?: string | undefined
}

/** The choices of the fields of one page. */
export type FoundChoices = Readonly<Record<string, readonly FoundChoice[]>>

/** The reason for a reauthentication. */
export type ReauthWhy = 'invalid_auth' | 'requested' | 'pending_expiration' | 'wrong_account'

/** The data of an entry that a flow needs. */
export interface FlowEntry {
  readonly uniqueId: string | null
  readonly credentialRevision: number
  readonly title: string
  readonly values: PublicValues
  /** The account as its service names it. Absent if only the title is known. */
  readonly account?: string | undefined
  /** Host and port of the service. Absent if unknown. */
  readonly address?: string | undefined
  /** Whether the values have a proposed address in place of the stored one. Absent if not. */
  readonly isMoved?: true | undefined
  /** The host's reason for a reauthentication, as a text for users. */
  readonly message?: string | undefined
  /** The reason for a new sign-in. Only for a reauthentication. */
  readonly why?: ReauthWhy | undefined
  /** The names of the stored secrets. The form shows which of its fields hold a value. */
  readonly secrets?: readonly string[]
  /** The stored values of the fields with choices. They stay valid if the service no longer offers them. */
  readonly chosen?: Readonly<Record<string, ChoiceValue>> | undefined
}

/** The entry that an account already has. */
export interface LinkedEntry extends FlowEntry {
  readonly entryId: string
  /** Whether the entry needs a new credential. */
  readonly needsReauth: boolean
  readonly disabled: boolean
  readonly ignored: boolean
}

/** The result of reading the entry that a flow is about. */
export type FindEntryResult =
  | { readonly type: 'found'; readonly entry: FlowEntry }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** The result of loading the choices of a page from the service. `unlisted`: the fields without their choices. */
export type FindChoicesResult =
  | { readonly type: 'found'; readonly choices: FoundChoices }
  /** The user need not choose: a sign-in offers one choice, or still offers the stored one. */
  | { readonly type: 'settled'; readonly draft: Draft }
  | (CheckFailed & { readonly unlisted: readonly string[] })
  | FlowAborted
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** A discovered account. Its identity is announced, not verified. */
export interface Found {
  /** The announced unique id. One open flow at a time is about it. */
  readonly uniqueId: string
  readonly title: string | null
  /** The key that the scanner uses for it. */
  readonly key: string | null
  /** Whether the announcement has no unique id. `uniqueId` is then made from the announced address. */
  readonly anonymous?: boolean
  /** The announced address in its normal form. Absent without one. */
  readonly address?: string
}

/** The state of a discovered account, or of the one entry that an integration allows. */
export type FindAccountResult =
  | { readonly type: 'free' }
  /** Another open flow is about this account. */
  | { readonly type: 'held' }
  /** The integration allows only one entry, and it exists. */
  | { readonly type: 'only'; readonly entryId: string }
  /** An entry exists, with the announced address. */
  | { readonly type: 'known'; readonly entryId: string }
  /** An entry exists, with the announced address, and with an open proposal of another one. */
  | { readonly type: 'returned'; readonly entryId: string }
  /** An entry exists, with another address. `followed`: the integration trusts announced addresses. */
  | { readonly type: 'moved'; readonly entryId: string; readonly followed: boolean }

/** A verified credential, and the result of the flow that the same write saves. */
export interface EntryCommit {
  readonly flowId: string
  readonly draft: Draft
  readonly connection: Connection
  readonly uniqueId: string | null
  readonly end: FlowEnd
}

/** An ignored account, and the result of the flow that the same write saves. */
export type IgnoreCommit = Pick<EntryCommit, 'flowId' | 'end'> & { readonly found: Found }

/** The store did not answer. The write may have been made. */
type Unanswered = { readonly type: 'unanswered' }

type Restored = { readonly type: 'restored'; readonly credentialRevision: number }

/** The result of reading whether a write without an answer was made. */
export type FindSavedResult =
  /** A new entry is saved. */
  | { readonly type: 'created'; readonly entryId: string }
  /** A new sub-entry, or a changed one, is saved. */
  | { readonly type: 'saved'; readonly subentryId: string }
  /** The change of the entry is saved. */
  | { readonly type: 'updated' }
  /** The previous values of the entry are restored. */
  | Restored
  | { readonly type: 'unsaved' }
  /** Another process has changed the flow. */
  | { readonly type: 'ended' }

/** The result of saving a new entry. */
export type CreateEntryResult =
  | Unanswered
  | { readonly type: 'created'; readonly entryId: string }
  /** Another entry has this account. `linked`: its data, if the credential was verified for it. */
  | { readonly type: 'taken'; readonly entryId: string; readonly linked: LinkedEntry | null }
  /** The integration allows only one entry, and it exists. */
  | { readonly type: 'only'; readonly entryId: string }
  /** Another process has ended the flow. */
  | { readonly type: 'ended' }

/** The result of saving a new credential of an entry. */
export type UpdateEntryResult =
  | Unanswered
  | { readonly type: 'updated' }
  /** The entry has changed since it was read, but not its credential. The flow reads it and saves again. */
  | { readonly type: 'outdated' }
  /** The credential of the entry has changed since the flow started. */
  | { readonly type: 'changed' }
  /** Another entry has the unique id that this one would adopt, or the same match values. */
  | { readonly type: 'taken' }
  /** The entry no longer needs the credential that a new link offers. */
  | { readonly type: 'repaired' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }
  | { readonly type: 'ended' }

/** The result of loading an entry with the saved change. */
export type TryEntryResult =
  | { readonly type: 'running' }
  /** The form shows the failure. */
  | CheckFailed

/** The result of restoring the previous values. */
export type RestoreEntryResult =
  | Unanswered
  | Restored
  /** Another entry has the previous account or match values since then. */
  | { readonly type: 'taken' }
  /** The entry has newer values, which stay. */
  | { readonly type: 'changed' }
  | { readonly type: 'missing' }
  | { readonly type: 'disabled' }

/** The result of saving the options of an entry. */
export type SaveResult =
  | { readonly type: 'saved' }
  /** The values are the same as the stored ones. Nothing was written. */
  | { readonly type: 'unchanged' }
  | Extract<UpdateEntryResult, { type: 'unanswered' | 'outdated' | 'missing' | 'disabled' | 'ended' }>

/** New options, and the result of the flow that the same write saves. */
export type OptionsCommit = Pick<EntryCommit, 'flowId' | 'draft' | 'end'> & {
  readonly entryId: string | null
}
