import type { ConfigFlowSource } from './config-flow-types.ts'
import type { Connection, Draft } from './draft.ts'
import type { Found, PublicValues } from './flow-result.ts'
import type { EntryPages, Methods } from './methods.ts'
import type { FlowSubentry } from './subentry-result.ts'

/** An account that a flow has verified. */
export interface VerifiedAccount {
  readonly draft: Draft
  readonly connection: Connection
  readonly uniqueId: string | null
  /** The title of the account. */
  readonly account: string
}

/** The input of a flow. */
export interface ConfigFlowInput {
  readonly flowId: string
  readonly source: ConfigFlowSource
  /** The entry that the flow is about; `null` for a new one. */
  readonly entryId: string | null
  /** The reaction to another account: abort, or show an error on the form. Defaults to `abort`. */
  readonly onAccountMismatch?: 'abort' | 'retry'
  /** Whether the entry adopts the verified connection. If not, the entry opens a new one. Defaults to `true`. */
  readonly adopts?: boolean
  /** Whether an entry without a unique id takes the one that `connect` reports. Defaults to `false`. */
  readonly adoptsIdentity?: boolean
  /** Whether the integration allows only one entry. If so, the flow first checks for one. Defaults to `false`. */
  readonly singleInstance?: boolean
  /** The discovered account. Only for a discovery. */
  readonly found?: Found
  /** The announced values. Only for a discovery. */
  readonly values?: PublicValues
  /** The imported input. Only for an import. */
  readonly draft?: Draft
  /** The sign-in methods. Defaults to one method with one form. */
  readonly methods?: Methods
  /** The pages of flows about an entry. Defaults to one form each. */
  readonly entryPages?: EntryPages
  /** The sign-in method of the entry. */
  readonly method?: string
  /** The verified account that replaces that of the entry, if a flow has found it. Only for a replacement. */
  readonly verified?: VerifiedAccount
  /** The sub-entry that the flow adds or changes. */
  readonly subentry?: Omit<FlowSubentry, 'revision'>
}
