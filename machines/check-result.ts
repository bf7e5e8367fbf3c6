import type { Connection, Draft } from './draft.ts'
import type { FormErrorCode, TextParams } from './form-errors.ts'

/** Codes of expected failures, as in Home Assistant. The form shows them. */
export type ConnectFailure = 'cannot_connect' | 'invalid_auth' | 'timeout' | 'rate_limited' | 'unknown'

/** The result of a connection attempt. Expected failures are values, so that guards can distinguish them. */
export type CheckResult =
  | {
      readonly type: 'connected'
      /** The unique id that the service reported; `null` if it has none. */
      readonly uniqueId: string | null
      /** Unique ids that the account had before. An entry or a discovery with one of them is the same account. */
      readonly formerUniqueIds?: readonly string[]
      readonly connection: Connection
      /** The title of the account. */
      readonly title?: string
      /** The account as its service names it. Defaults to the title. */
      readonly account?: string
      /** The values to save, if they differ from the submitted ones. */
      readonly kept?: Draft
    }
  /**
   * The service requires additional input, such as a one-time code. The draft contains the submitted values and the
   * state of the challenge. `error`: why the previous answer was rejected.
   */
  | {
      readonly type: 'challenged'
      readonly challenge: string
      readonly draft: Draft
      readonly error?: string
    }
  /**
   * Another entry has the same match values or has been refused with these values, and the service was not contacted. Or
   * it has the account that a discovery found instead of the announced one, and the connection is closed.
   */
  | { readonly type: 'matched'; readonly entryId: string }
  | CheckFailed
  | FlowAborted
  /** The service has reported another account. `title`: its name, if the integration knows it. */
  | { readonly type: 'wrong_account'; readonly title?: string }

/**
 * A failure that the form shows. `error`: a {@link ConnectFailure}, `setup_error`, or a code of the integration. `at`:
 * the JSON Pointer of the field; the form as a whole without one.
 */
export type CheckFailed = Omit<FormErrorCode, 'code'> & {
  readonly type: 'failed'
  readonly error: string
  readonly at?: string
}

/** The integration ends the flow. `params`: the values of the placeholders of the reason's text. */
export type FlowAborted = { readonly type: 'aborted'; readonly reason: string; readonly params?: TextParams }
