import type { ConfigFlowSource } from './config-flow-types.ts'
import type { Draft } from './draft.ts'
import type { Found, PublicValues } from './flow-result.ts'
import type { Methods } from './methods.ts'
import type { FlowSubentry } from './subentry-result.ts'

/** What a flow is told when it begins. */
export interface ConfigFlowInput {
  readonly flowId: string
  readonly source: ConfigFlowSource
  /** The entry to mend; null for a new one. */
  readonly entryId: string | null
  /** What another account means: the end (`abort`), or an error on the form (`retry`). */
  readonly onAccountMismatch?: 'abort' | 'retry'
  /** Whether the entry takes over the connection that was proven (default); if not, it connects anew. */
  readonly adopts?: boolean
  /** Whether an entry without an identity takes the one that is proven for it. */
  readonly adoptsIdentity?: boolean
  /** Whether the integration allows one entry: then it is to be looked, before anybody is asked, whether there is one. */
  readonly singleInstance?: boolean
  /** What was found, for a discovery. */
  readonly found?: Found
  /** Those values of what was found that are no secrets. */
  readonly values?: PublicValues
  /** What is to be imported. */
  readonly draft?: Draft
  /** One way in with one form where absent. */
  readonly methods?: Methods
  /** The way in by which the entry came, where there are several. */
  readonly method?: string
  /** What under the entry it is about, where it is not about the entry itself. */
  readonly subentry?: Omit<FlowSubentry, 'revision'>
}
