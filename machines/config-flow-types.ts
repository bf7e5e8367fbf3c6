import type { Connection, Draft } from './draft.ts'
import type { FlowEnd } from './flow-end.ts'
import type { FlowEntry, Found, FoundChoices, PublicValues } from './flow-result.ts'
import type { FormErrors, TextParams } from './form-errors.ts'
import type { EntryPages, Methods } from './methods.ts'
import type { FlowSubentry, NamedSubentry } from './subentry-result.ts'

/** The reason why a flow starts. */
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
  /** The selected sign-in method; `null` until the user selects one. */
  readonly method: string | null
  /** The pages of flows about an entry. */
  readonly entryPages: EntryPages
  /** The index of the current page of the method. Starts at 0. */
  readonly page: number
  /** The choices that the service provided, by the index of their page. */
  readonly choices: Readonly<Record<number, FoundChoices>>
  readonly entry: FlowEntry | null
  readonly values: PublicValues
  readonly errors: FormErrors
  readonly challenge: string | null
  readonly draft: Draft | null
  readonly connection: Connection | null
  readonly uniqueId: string | null
  /** The title of the verified account that waits for a confirmation. Absent without one. */
  readonly account?: string | undefined
  /** The account that `connect` reported instead of that of the entry. Absent without one. */
  readonly other?:
    | { readonly title: string; readonly account: string; readonly uniqueId: string | null }
    | undefined
  /** The sub-entry that the flow is about; `null` if it is about the entry. */
  readonly subentry: FlowSubentry | null
  /** The title and unique id of the sub-entry, after it was checked. */
  readonly named: NamedSubentry | null
  /** The reason of the result. `null` until the flow aborts. */
  readonly reason: string | null
  /** The values of the placeholders of the reason's text. Absent if the integration has not ended the flow. */
  readonly params?: TextParams | undefined
  /** Whether the flow has succeeded. */
  readonly success: boolean
}

/** The view of a step, and the source of its content. */
export type StepView =
  | {
      readonly view: 'form'
      readonly shows: 'page' | 'step' | 'challenge' | 'options' | 'subentry' | 'confirmation'
    }
  | { readonly view: 'menu'; readonly shows: 'methods' | 'confirmation' }
  | { readonly view: 'external' | 'device'; readonly shows: 'sign_in' }

/** The result of a flow. */
export interface ConfigFlowOutput extends FlowEnd {
  readonly entryId: string | null
  /** The sub-entry that the flow was about. */
  readonly subentry?: FlowSubentry | null
}
