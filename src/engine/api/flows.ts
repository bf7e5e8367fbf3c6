import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { View } from '../../view.ts'

/** A page of views. */
export interface ViewPage {
  readonly items: readonly View[]
  readonly next: string | null
  /** Flows that cannot be shown: damaged, or of an integration that is gone. */
  readonly unreadable: readonly string[]
}

export interface SubmitOptions {
  /** The revision of the view that was filled in. */
  readonly revision: number
  /** Who submits; counted by the budget and kept in the history. */
  readonly principal?: string
}

export interface StartRequest {
  /** The integration; may be left out where an entry is named. */
  readonly domain?: string
  readonly source: ConfigFlowSource
  /** The entry to mend or change, for `reauth`, `reconfigure` and `options`; for `subentry` the one to add to. */
  readonly entryId?: string
  /** Which kind of thing to add under the entry, for `subentry`. */
  readonly type?: string
  /** Which one under the entry to change, for `subentry`; a new one is added where absent. */
  readonly subentryId?: string
  /** What was found, for `discovery`. */
  readonly discovery?: Discovery
  /** All that a new entry needs, for `import`: it is tried at once, and nobody is asked. */
  readonly input?: unknown
}

/** Who asks for a flow. */
export interface StartBy {
  readonly principal?: string
  /** The same key and request again, by the same principal, answer with the flow that it opened. */
  readonly idempotencyKey?: string
}

/** What somebody found, as a host announces it. Nothing of it is proven, and nothing in it may be a secret. */
export interface Discovery {
  /** The identity that the device or account says it has: the one that `connect` will report. */
  readonly uniqueId: string
  /** What was found of the integration's fields: an address. */
  readonly values: JsonObject
  /** What to call it; the integration's title where absent. */
  readonly title?: string
  /** Under what the finder knows it: handed back with `rediscover`, once its entry is gone. */
  readonly key?: string
}
