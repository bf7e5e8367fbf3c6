import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { Deadline } from '../lib/deadline.ts'

/** A thing under an entry as hosts see it: never its fields. */
export type SubentryView = Pick<SubentryRecord, 'subentryId' | 'type' | 'title' | 'uniqueId' | 'revision'>

/** An entry as hosts see it: never its fields, and never a secret. */
export interface EntryView {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  readonly uniqueId: string | null
  readonly title: string
  /** How it stands in this process. */
  readonly state: EntryState
  /** The same in words. */
  readonly text: string
  /** The language of its words (BCP 47). */
  readonly language: string
  readonly reason: string | null
  /** Set while it needs a person: since when (ms since the epoch), and why. */
  readonly reauth: EntryRecord['reauth']
  readonly disabled: boolean
  /** What a person has set; those that nobody has set are absent. */
  readonly options: JsonObject
  /** What is under it, in the order in which it was added. */
  readonly subentries: readonly SubentryView[]
  /** True where a person wants nothing of it: it only keeps its identity from being offered again. */
  readonly ignored: boolean
  /** Grows when its repair links are revoked. */
  readonly linkGeneration: number
  /** When its credential ends (ms since the epoch); null where it does not, or nobody knows. */
  readonly expiresAt: number | null
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface EntryPage {
  readonly items: readonly EntryView[]
  readonly next: string | null
  /** Entries whose rows are damaged. */
  readonly unreadable: readonly string[]
}

/** The states that a person or a host reads, as Home Assistant names them. */
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

export interface ReloadOptions {
  /** Try a credential once more that the service has refused: services answer 401 in outages too. */
  readonly retryRejected?: boolean
  readonly principal?: string
}

/** An entry that needs a person. */
export interface AttentionItem {
  readonly scope: string
  readonly entryId: string
  /** Absent where the row is damaged. */
  readonly domain?: string
  readonly title?: string
  readonly reason:
    | 'invalid_auth'
    | 'requested'
    | 'wrong_account'
    | 'setup_error'
    | 'migration_error'
    | 'pending_expiration'
    | 'newer_version'
    | 'address_changed'
    | 'unreadable'
  /** The same in words. */
  readonly text: string
  /** The language of its words (BCP 47). */
  readonly language: string
  /** Since when, where it is known (ms since the epoch). */
  readonly since: number | null
  /** The open flow that mends it; null where one has to be started. */
  readonly flowId: string | null
  /** Where it was announced under another address: what is stored, and what would change. */
  readonly proposal?: {
    readonly since: number
    readonly before: JsonObject
    readonly values: JsonObject
  }
}

export interface UseOptions extends Deadline {
  /** Wait for a person to mend the entry, and run the work then, instead of throwing {@link ReauthRequiredError}. */
  readonly waitForReauth?: boolean
}

/** What the work is handed beside the client. */
export interface UseContext<Options = unknown> {
  /** Fires when the caller no longer waits. */
  readonly signal: AbortSignal
  /** The entry's options. */
  readonly options: Options
}
