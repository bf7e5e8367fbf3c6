import type { Connection, Draft } from './draft.ts'
import type { FlowEntry, Found, FoundOption, PublicValues } from './flow-result.ts'
import type { FormErrors } from './form-errors.ts'
import type { Methods } from './methods.ts'
import type { FlowSubentry, NamedSubentry } from './subentry-result.ts'

/** Why the flow exists. */
export type ConfigFlowSource =
  | 'user'
  | 'reauth'
  | 'reconfigure'
  | 'replace'
  | 'discovery'
  | 'import'
  | 'options'
  | 'subentry'

export interface ConfigFlowContext {
  readonly flowId: string
  readonly source: ConfigFlowSource
  readonly entryId: string | null
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly adopts: boolean
  readonly adoptsIdentity: boolean
  readonly singleInstance: boolean
  readonly found: Found | null
  readonly methods: Methods
  /** The way in that was picked; null until then. */
  readonly method: string | null
  /** Which page of that way is shown, from 0. */
  readonly page: number
  /** What was found to choose from, on a page that asks for it. */
  readonly options: readonly FoundOption[]
  readonly entry: FlowEntry | null
  readonly values: PublicValues
  readonly errors: FormErrors
  readonly challenge: string | null
  readonly draft: Draft | null
  readonly connection: Connection | null
  readonly uniqueId: string | null
  /** What the account is called that is to take the place of the entry's. */
  readonly account?: string
  /** What under the entry the flow is about; null where it is about the entry itself. */
  readonly subentry: FlowSubentry | null
  /** What that is called, once it has been tried. */
  readonly named: NamedSubentry | null
  readonly reason: string | null
}

/** How the flow ended. */
export interface ConfigFlowOutput {
  readonly type: 'create_entry' | 'abort'
  readonly reason: string | null
  readonly entryId: string | null
  /** What under the entry it was about, where it was not about the entry itself. */
  readonly subentry?: FlowSubentry | null
}
