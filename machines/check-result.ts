import type { Connection, Draft } from './draft.ts'

/** Failures that people know from Home Assistant; each is a key of the form's `errors`. */
export type ConnectFailure = 'cannot_connect' | 'invalid_auth' | 'timeout' | 'rate_limited' | 'unknown'

/** What came of trying to connect. Expected failures are values, so that guards can tell them apart. */
export type CheckResult =
  | {
      readonly type: 'connected'
      /** The identity that the service reported; null where it has none. */
      readonly uniqueId: string | null
      readonly connection: Connection
      /** What the account is called, where it is to take the place of another. */
      readonly title?: string
      /** What is to be saved, where it is not what was submitted. */
      readonly kept?: Draft
    }
  /**
   * The service asks for more: a one-time code. The draft holds what was typed and the challenge's state; `error` says
   * why it is asked once more.
   */
  | {
      readonly type: 'challenged'
      readonly challenge: string
      readonly draft: Draft
      readonly error?: string
    }
  /** Another entry has the values by which the integration tells entries apart: nobody was asked. */
  | { readonly type: 'matched' }
  /** `until`: milliseconds since the epoch until which the service wants to be left alone. */
  | { readonly type: 'failed'; readonly error: ConnectFailure; readonly until?: number }
