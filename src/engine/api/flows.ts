import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { InitialSubentry } from '../../authoring/integration.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { View } from '../../view.ts'

/** A page of flows. */
export interface ViewPage {
  readonly items: readonly View[]
  /** Pass this as `after` to get the next page; null on the last page. */
  readonly next: string | null
  /** The ids of flows that cannot be shown: their row is damaged, or their integration is not registered. */
  readonly unreadable: readonly string[]
}

export interface SubmitOptions {
  /** The revision of the view that the user has filled in. */
  readonly revision: number
  /** The id of the user, for the history and the limits on failed attempts. */
  readonly principal?: string
}

/** A request to open a flow. */
export interface StartRequest {
  /** The domain of the integration. Optional if `entryId` is set. */
  readonly domain?: string
  readonly source: ConfigFlowSource
  /** The entry to repair or edit. Required for all sources except `user`, `discovery` and `import`. */
  readonly entryId?: string
  /**
   * The id of a flow that another account has ended (`wrong_account`), for the source `replace`. The new flow asks to confirm
   * that account, without a second sign-in. Only for ten minutes, in the process and for the principal of that flow:
   * otherwise the flow shows its form.
   */
  readonly from?: string
  /** The type of the sub-entry to add, for the source `subentry`. */
  readonly type?: string
  /** The sub-entry to edit, for the source `subentry`. If absent, a new one is added. */
  readonly subentryId?: string
  /** The discovered device or account, for the source `discovery`. */
  readonly discovery?: Discovery
  /** The complete input, for the source `import`. Latchkey connects immediately, without user input. */
  readonly input?: unknown
  /** The options of the new entry, for the source `import`. They replace those that `connect` returns. */
  readonly options?: JsonObject
  /** The sub-entries of the new entry, for the source `import`. They replace those that `connect` returns. */
  readonly subentries?: readonly InitialSubentry[]
}

/** The caller of `flows.start` or `webhooks.add`. */
export interface StartBy {
  /** The id of the user, for the history and the limits on failed attempts. */
  readonly principal?: string
  /** A second request with the same key, content and principal returns what the first one has created. */
  readonly idempotencyKey?: string
}

/** A device or account that a scanner has found. It is not verified. Secrets are not allowed. */
export interface Discovery {
  /**
   * The unique id of the device or account, equal to the one that `connect` returns. Absent if the scanner knows only the
   * address: then the address in `values` identifies the discovery.
   */
  readonly uniqueId?: string
  /** The discovered values of the integration's fields, usually an address. */
  readonly values: JsonObject
  /** The name to show. Defaults to the title of the integration. */
  readonly title?: string
  /** The scanner's own key of the device. Passed to `rediscover` listeners after the entry was removed. */
  readonly key?: string
}
