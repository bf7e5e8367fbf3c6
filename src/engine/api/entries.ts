import type { EntryFilterState } from '../../entry-filter.ts'
import type { AuditRow } from '../../ports/history.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { Deadline } from '../lib/deadline.ts'

/** A sub-entry without its fields. */
export type SubentryView = Pick<SubentryRecord, 'subentryId' | 'type' | 'title' | 'uniqueId' | 'revision'>

/** The last failure of an entry's service. */
export interface EntryError {
  /** The error code, for example `cannot_connect`, or that of a `FormError` or `AbortFlowError`. */
  readonly code: string
  /** `code` as a text for users. */
  readonly text: string
  /** The values of the placeholders in `text`. Absent if the integration has not explained the failure. Untrusted text. */
  readonly params?: Readonly<Record<string, string | number>>
  /** Time of the failure (ms since the epoch). */
  readonly at: number
  /** The reference of the log line with the details. Only for callers that may change the entry. */
  readonly ref?: string
  /** The error of the integration, without secrets. Only for callers that may change the entry. Untrusted text. */
  readonly cause?: string
}

/** An entry without its stored fields. */
export interface EntryView {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  readonly uniqueId: string | null
  readonly title: string
  /** Its state in this process. */
  readonly state: EntryState
  /** `state` as a text for users. */
  readonly text: string
  /** The language of `text` (BCP 47). */
  readonly language: string
  /** The reason for `state` as a code; null if the state needs none. */
  readonly reason: string | null
  /** Since when the entry has its `state` (ms since the epoch). Absent if this process does not know. */
  readonly stateSince?: number
  /** Title of the integration in the language of `text`; its domain if this process does not have the integration. */
  readonly service?: string
  /** Host and port of the service, without credentials, path and query. Absent if the integration has no address. */
  readonly address?: string
  /** The account as its service names it; the title of the entry if `connect` reports none. */
  readonly account?: string
  /** The sign-in method of the credential. Absent if the integration has only one. */
  readonly method?: string
  /** Last time at which the service answered this process (ms since the epoch). Absent if it has not. */
  readonly checkedAt?: number
  /** Time of the next attempt to connect (ms since the epoch). Absent without one. */
  readonly retryAt?: number
  /** The number of attempts to connect that failed in a row. Absent if the last one succeeded. */
  readonly attempt?: number
  /** The last failure. Absent if the service has answered since. */
  readonly lastError?: EntryError
  /** Whether calls cannot reach the service of a loaded entry. Absent if they can, or if none is made. */
  readonly quiet?: true
  /** Whether the entry is not loaded because it connects at its next use. Absent if it is loaded, or does not work. */
  readonly idle?: true
  /** Since when the entry needs a reauthentication (ms since the epoch), and why; null if it needs none. */
  readonly reauth: EntryRecord['reauth']
  readonly disabled: boolean
  /** The options that the user has set, without defaults. */
  readonly options: JsonObject
  /** The sub-entries, oldest first. */
  readonly subentries: readonly SubentryView[]
  /** Whether the user ignores this account or device. An ignored entry is never set up and prevents new discoveries. */
  readonly ignored: boolean
  /** Increases when the repair links of the entry are revoked. */
  readonly linkGeneration: number
  /** Expiration time of the credential (ms since the epoch); null if unknown or if it does not expire. */
  readonly expiresAt: number | null
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** The query of a page of entries. */
export interface EntryQuery {
  /** Words that must all be part of the title, service, account, address or an id. Case and accents do not count. */
  readonly q?: string
  readonly state?: EntryFilterState
  readonly domain?: string
  /** True: only ignored entries. Defaults to false: only the others. */
  readonly ignored?: boolean
  /** The `next` of the previous page. */
  readonly after?: string
}

/** The numbers of entries that are not ignored. One that works and needs attention counts as both. */
export interface EntryCounts {
  readonly all: number
  readonly attention: number
  readonly offline: number
  readonly connected: number
  readonly disabled: number
}

/** A page of entries. A page of a search can have fewer items than its limit although another one follows. */
export interface EntryPage {
  readonly items: readonly EntryView[]
  /** The numbers of all entries of the scope, not only of those that the query selects. Only on the first page. */
  readonly counts?: EntryCounts
  /** Pass this as `after` to get the next page; null on the last page. */
  readonly next: string | null
  /** The ids of entries whose rows are damaged. */
  readonly unreadable: readonly string[]
}

/** The state of an entry. Home Assistant: `ConfigEntryState`. */
export type EntryState =
  | 'not_loaded'
  | 'migrating'
  | 'setup_in_progress'
  | 'loaded'
  | 'setup_retry'
  | 'setup_error'
  | 'reauth_required'
  | 'migration_error'
  | 'unload_in_progress'
  | 'failed_unload'
  | 'disabled'

export interface RequestReauthOptions {
  /** The reason, as plain text for users. Cleaned, and cut after 300 characters. */
  readonly reason?: string
}

export interface ReloadOptions {
  /** Connect again with a credential that the service has rejected. Some services answer 401 during an outage. */
  readonly retryRejected?: boolean
  readonly principal?: string
}

/** An entry that needs the user, or an integration that needs the operator, with the reason. */
export interface AttentionItem {
  readonly scope: string
  /** Null if the item concerns all entries of `domain` (`client_refused`), or a webhook (`webhook_off`). */
  readonly entryId: string | null
  /** Absent if the row is damaged, and for webhooks. */
  readonly domain?: string
  readonly title?: string
  /** Title of the integration in the language of `text`. Absent if the row is damaged, and for webhooks. */
  readonly service?: string
  /** Host and port of the service, without credentials. Absent if the integration has no address. */
  readonly address?: string
  /** The sign-in method of the credential. Absent if the integration has only one. */
  readonly method?: string
  readonly reason:
    | 'invalid_auth'
    | 'requested'
    | 'refresh_failed'
    | 'client_refused'
    | 'wrong_account'
    | 'setup_error'
    | 'integration_missing'
    | 'migration_error'
    | 'pending_expiration'
    | 'newer_version'
    | 'address_changed'
    | 'identity_taken'
    | 'unreadable'
    | 'webhook_off'
  /** `reason` as a text for users. */
  readonly text: string
  /** The code of the integration's error, for example of a `FormError`. Absent if it has not explained the failure. */
  readonly code?: string
  /** The values of the placeholders in `text`. Absent if the integration has not explained the failure. Untrusted text. */
  readonly params?: Readonly<Record<string, string | number>>
  /** The language of `text` (BCP 47). */
  readonly language: string
  /** The host's reason for a requested reauthentication. Absent if it gave none. Untrusted text, never markup. */
  readonly message?: string
  /** Since when the entry needs attention (ms since the epoch); null if unknown. */
  readonly since: number | null
  /** The open flow that repairs the entry; null if none is open. */
  readonly flowId: string | null
  /** Expiration time of the credential (ms since the epoch), set if `reason` is `pending_expiration`. */
  readonly expiresAt?: number
  /**
   * The part of the entry that no longer fits the integration, set if `reason` is `migration_error` and the part is known:
   * a JSON Pointer (RFC 6901) into `values`, `options`, `subentries` or `uniqueId`, for example `/options/interval`.
   */
  readonly path?: string
  /** The webhook that was turned off because its deliveries failed, set if `reason` is `webhook_off`. */
  readonly webhookId?: string
  /** The other entry of the same account, set if `reason` is `identity_taken`. */
  readonly other?: { readonly entryId: string; readonly title: string }
  /** The proposed address, set if `reason` is `address_changed`: the stored values and the discovered ones. */
  readonly proposal?: {
    readonly since: number
    readonly before: JsonObject
    readonly values: JsonObject
  }
}

/** A page of the attention list. */
export interface AttentionPage {
  readonly items: readonly AttentionItem[]
  /** Pass this as `after` to get the next page; null on the last page. */
  readonly next: string | null
}

/** The options of `entries.use`. */
export interface UseOptions extends Deadline {
  /** Wait until the user has repaired the entry, instead of throwing `ReauthRequiredError`. */
  readonly waitForReauth?: boolean
}

/** The second argument of the callback of `entries.use`. */
export interface UseContext<Options = unknown> {
  /** Aborted when the entry is unloaded, or when the caller stops waiting. */
  readonly signal: AbortSignal
  /** The entry's options. */
  readonly options: Options
}

/** The state, the versions and the recent events of an entry, for a report to its integration author. Without secrets. */
export interface Diagnostics {
  /** The time of the report (ms since the epoch). */
  readonly at: number
  /** Null if the entry was removed. */
  readonly entry: EntryView | null
  readonly attention: AttentionItem | null
  /** The version of the stored data and that of the integration; null if not available. */
  readonly versions: { readonly stored: number | null; readonly integration: number | null }
  /** The last 50 history rows, newest first. */
  readonly history: readonly AuditRow[]
}
