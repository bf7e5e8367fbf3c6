import type { Cipher } from './cipher.ts'
import type { Cursors } from './cursors.ts'
import type { Feed } from './feed.ts'
import type { AuditQuery, AuditRow } from './history.ts'
import type { JsonObject } from './json.ts'
import type {
  Lease,
  LeaseCheck,
  LeaseName,
  LeaseTerm,
  LeaseWrite,
  Reservation,
  ReservationName,
} from './lease.ts'
import type { Migrations, Restored, StoreNotice } from './operation.ts'
import type {
  AnyEntryQuery,
  AttentionQuery,
  CountQuery,
  EntryQuery,
  FlowQuery,
  Page,
  StoredCounts,
} from './query.ts'
import type { RemovalWrite, StoreRemovals } from './removals.ts'
import type { StoreKeys } from './store-keys.ts'
import type { SubentryRecord } from './subentry-record.ts'
import type { Measurement } from './telemetry.ts'
import type { TokenJournal } from './token-journal.ts'
import type { StoreWebhooks, WebhookWrite } from './webhooks.ts'

export type { Migrations, Restored, StoreNotice } from './operation.ts'
export type { AnyEntryQuery, AttentionQuery, EntryQuery, FlowQuery, Page } from './query.ts'
export type { RemovalRecord, RemovalRow, StoreRemovals } from './removals.ts'
export type { FollowedHistory, StoreWebhooks } from './webhooks.ts'

/** The reason for a reauthentication: the host requested it, or the service rejected the credential (`invalid_auth`). */
export type ReauthReason = 'invalid_auth' | 'requested'

/**
 * The values of an entry before its last change. Stored until the new values are verified; restored if they fail.
 * The secrets are bound to the unique id that the entry had then.
 */
type PreviousEntry = {
  readonly version: number
  readonly data: JsonObject
  readonly sealed: string
  readonly options: JsonObject
  /** Absent if the unique id has not changed. */
  readonly uniqueId?: string | null
  readonly matchKey?: string
  /** Absent if the sub-entries have not changed, and after a reconfiguration. */
  readonly subentries?: NonNullable<EntryRecord['subentries']>
} & (
  | /** A migration replaced the values. */ { readonly why: 'migrated' }
  /** A user replaced the values. `reauth` and `rejected` restore the state that the entry had before. */
  | { readonly why: 'reconfigured'; readonly reauth: EntryRecord['reauth']; readonly rejected: boolean }
)

/** A linked account or device. Holds facts only: the running state belongs to each process. */
export interface EntryRecord {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  /** The unique id that `connect` returned; null if the service has none. */
  readonly uniqueId: string | null
  readonly title: string
  /**
   * Whether the service gave the title. Absent or false if a user gave it, and in entries of earlier versions.
   */
  readonly titleFromService?: boolean
  /** The non-secret fields. */
  readonly data: JsonObject
  /** The secret fields, encrypted. */
  readonly sealed: string
  readonly options: JsonObject
  /** The integration's version of `data`. */
  readonly version: number
  /** Increases by one with each write of this entry. Starts at 1. */
  readonly revision: number
  /** Increases by one with each new verified credential. Starts at 1. */
  readonly credentialRevision: number
  /** The credential revision that the service rejected. Latchkey does not connect with it again until a user asks. */
  readonly rejectedRevision: number | null
  /** `message`: the host's explanation of a requested reauthentication, as plain text for users. */
  readonly reauth: {
    readonly since: number
    readonly reason: ReauthReason
    readonly message?: string
  } | null
  readonly disabled: boolean
  /** The reason why a migration failed, as a code; otherwise null. */
  readonly migrationError: string | null
  /** The part of the entry that the migration could not make fit (RFC 6901). Null or absent if no part is known. */
  readonly migrationPath?: string | null
  /** The previous values, while the new ones are not verified. */
  readonly previous?: PreviousEntry
  /** A proposed address. `dismissed`: the user does not want it. */
  readonly proposal?: {
    readonly since: number
    readonly values: JsonObject
    readonly dismissed: boolean
    /** True: the entry tries the address without a user, after its connection was lost. `dismissed` is true, too. */
    readonly followed?: boolean
  } | null
  /** Further addresses that the user does not want, the newest last. Absent without any. */
  readonly dismissedAddresses?: readonly JsonObject[]
  /** Whether the user ignores this account or device. An ignored entry occupies its unique id and is never set up. */
  readonly ignored?: boolean
  /** The newest keys of discoveries that found this entry. */
  readonly discoveryKeys?: readonly string[]
  /** Another key that must be unique among the entries of its domain. The integration defines its content. */
  readonly matchKey?: string
  /**
   * The key of the announcement that found it, if that had another unique id. The announcement is not offered again.
   */
  readonly announcedAs?: string
  /** Increases when the repair links of the entry are revoked. Absent if none were ever revoked. */
  readonly linkGeneration?: number
  /** The sign-in method that created the entry. Absent if the integration has only one. */
  readonly method?: string
  /** The account as its service names it, for users. Null or absent if `connect` has not named it. */
  readonly account?: string | null
  /** The address that `connect` returned, for users. Null or absent if it returned none. */
  readonly address?: string | null
  /** When the entry was disabled (ms since the epoch). Absent if unknown, or if it never was. */
  readonly disabledAt?: number
  /** Expiration time of the credential (ms since the epoch). Null or absent if unknown or if it does not expire. */
  readonly expiresAt?: number | null
  /**
   * The process of an earlier version that refreshes the token, and until when it may (ms since the epoch). Null or absent
   * if none does. This version claims a lease of the kind `token` instead.
   */
  readonly lease?: { readonly holder: string; readonly until: number } | null
  /**
   * A token refresh that keeps failing: since when (ms since the epoch), the last error code, and whether the user must
   * know of it. Null or absent if the last refresh succeeded.
   */
  readonly refreshFailure?: {
    readonly since: number
    readonly reason: string
    readonly overdue: boolean
  } | null
  /**
   * The failure of the last setup, by any process. Null or absent if it succeeded. `since`: the time of the first failure
   * in a row, `tries`: their number. `retryAt`: the time of the next attempt; null if retrying does not help. All times
   * are in ms since the epoch.
   */
  readonly setupFailure?: {
    readonly reason: string
    readonly since: number
    readonly tries: number
    readonly retryAt: number | null
    /** The explanation of the integration: the code of its error, and the placeholders of its text. */
    readonly explained?: {
      readonly code: string
      readonly params?: Readonly<Record<string, string | number>>
    }
  } | null
  /** When the token is refreshed if no call has refreshed it before (ms since the epoch). Null or absent if never. */
  readonly refreshAt?: number | null
  /** Another entry that has the unique id of the account. Null or absent if none has it. */
  readonly identityHeldBy?: string | null
  /** When the service issued the refreshed token (ms since the epoch). Absent if unknown, or if it was never refreshed. */
  readonly refreshedAt?: number
  /** The sub-entries, oldest first. `revision` increases by one with each change. Absent if there never were any. */
  readonly subentries?: { readonly revision: number; readonly items: readonly SubentryRecord[] }
  /** The flow that created it. A repeated commit of that flow finds its entry by this id. */
  readonly createdBy: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** An idempotency key. It belongs to one principal. */
export interface Asked {
  readonly principal: string
  readonly key: string
  /** Identifies the request. A different request with the same key is an error. */
  readonly request: string
}

/** The stored state of a flow, open or ended. */
export interface FlowRecord {
  readonly scope: string
  readonly flowId: string
  /** The machine and its record version, for example `config-flow@1`. */
  readonly machine: string
  readonly domain: string
  readonly source: string
  readonly entryId: string | null
  /**
   * The slot of an open flow, unique within its domain. `account:` and the discovered unique id; `options:` and the entry
   * id; `subentry:` and the edited sub-entry. Absent if the flow needs none.
   */
  readonly slot?: string
  /** The idempotency key of the request that opened the flow. Absent without one. */
  readonly asked?: Asked
  /** The step that waits for input, or the result. */
  readonly step: string
  /** False after the flow has ended. */
  readonly open: boolean
  /** Whether the flow holds the edit slot of its entry. */
  readonly edits: boolean
  /** The state of the machine between steps; empty in a tombstone. */
  readonly context: JsonObject
  /** The submitted input before a challenge, encrypted; otherwise null. */
  readonly sealedDraft: string | null
  /** Increases by one with each write. Starts at 1. */
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
  /** When the flow expires, or its tombstone is purged; null if it lives as long as its entry needs it. */
  readonly expiresAt: number | null
  /** When the flow is due for processing: the earlier of its expiry and the deletion of its draft. */
  readonly dueAt: number | null
  /**
   * The key of the attempts that an answer to this step counts for. Absent if the step makes no login, and in records of
   * earlier versions.
   */
  readonly budget?: string
  /**
   * The end of the lease of the process that works on the flow (ms since the epoch). `Infinity` if the store has compared it
   * with its own clock. Only set by reads, and never stored.
   */
  readonly workingUntil?: number
}

/** A failed sign-in attempt. */
export interface AttemptFailure {
  readonly at: number
  readonly principal: string
  readonly code: string
  /** A hash of the submitted non-secret values, if the service demanded a wait. */
  readonly service?: string
  /** The end of that wait (ms since the epoch). */
  readonly until?: number
}

/** The failed sign-in attempts of an entry, or of a domain for flows without an entry. */
export interface AttemptsRecord {
  readonly scope: string
  readonly key: string
  readonly failures: readonly AttemptFailure[]
  /** The end of the wait that the service demanded with `Retry-After`; null if it demanded none. */
  readonly blockedUntil: number | null
  readonly revision: number
  /** When the record can be purged because it no longer delays any attempt. */
  readonly dueAt: number
}

/** The part of a stored entry that can be read even if its record is damaged. */
export type EntryRow = Pick<EntryRecord, 'scope' | 'entryId' | 'domain' | 'revision'>

/** The part of a stored flow that can be read even if its record is damaged: its identity, slots and due time. */
export type FlowRow = Pick<
  FlowRecord,
  'scope' | 'flowId' | 'domain' | 'entryId' | 'slot' | 'open' | 'edits' | 'dueAt' | 'revision'
> & {
  /** The principal and the idempotency key of the request that opened the flow. Absent without one. */
  readonly asked?: Pick<Asked, 'principal' | 'key'>
}

/** The part of stored attempts that can be read even if their record is damaged. */
export type AttemptsRow = Pick<AttemptsRecord, 'scope' | 'key' | 'dueAt' | 'revision'>

/**
 * One write of a transaction. `ifRevision` is the stored revision to replace; 0 requires that no record exists.
 *
 * A flow that ends or is removed loses its leases, so a `release` must come before. `release` ends a lease, on the condition that it still is the one with
 * this fence, even if its time is up. Otherwise the transaction fails with a `RevisionConflictError` of the flow or entry.
 * `settle` ends a reservation. It has no effect if the reservation does not exist.
 */
export type Write =
  | { readonly put: 'entry'; readonly record: EntryRecord; readonly ifRevision: number }
  | { readonly put: 'flow'; readonly record: FlowRecord; readonly ifRevision: number }
  | { readonly put: 'attempts'; readonly record: AttemptsRecord; readonly ifRevision: number }
  | { readonly remove: 'entry' | 'flow' | 'attempts'; readonly id: string; readonly ifRevision: number }
  | WebhookWrite
  | RemovalWrite
  | { readonly audit: AuditRow }
  | LeaseWrite
  | Check

/**
 * A condition of a transaction. `entry`: the stored revision is `ifRevision`. `flows`: the entry has no open flow
 * except those in `open`. `lease`: the lease still is the one with this fence. `unclaimed`: no process works on the flow.
 * If it is not met, the transaction fails with a `RevisionConflictError` of the entry, or of the other flow.
 *
 * `unclaimed` applies after all writes of the transaction: a process that claims the flow at the same time either finds it
 * changed, or makes this transaction fail.
 */
export type Check =
  | { readonly check: 'entry'; readonly id: string; readonly ifRevision: number }
  | { readonly check: 'flows'; readonly entryId: string; readonly open: readonly string[] }
  | LeaseCheck

/** An entry that needs attention. */
export interface NeedyEntry {
  readonly entry: EntryRecord
  /** The open flow that edits the entry; null if none is open. */
  readonly editFlowId: string | null
}

/** The name of an entry in all scopes. */
export interface EntryName {
  readonly scope: string
  readonly entryId: string
}

/** An entry whose credential expires. */
export type Expiring = EntryName

/** A row whose `dueAt` has passed. `reservation`: the attempts with this key have a reservation that has lapsed. */
export interface Due {
  readonly scope: string
  readonly kind: 'flow' | 'attempts' | 'reservation'
  readonly id: string
  /** Its due time (ms since the epoch). Absent for a reservation. */
  readonly dueAt?: number
}

/** The failed attempts with a key, and the reservations of further ones in the order in which they were made. */
export interface Budget {
  /** Null without failed attempts. */
  readonly attempts: AttemptsRecord | AttemptsRow | null
  readonly reservations: readonly Reservation[]
}

/** An entry and the open flow that holds its edit slot. Of a damaged flow, only the readable part. */
export interface EntryToEdit {
  readonly entry: EntryRecord | undefined
  readonly flow: FlowRecord | undefined
  readonly damaged?: FlowRow
}

/**
 * The result of claiming a flow to work on it. `busy`: another process works on it. `changed`: it has another revision.
 * `ended`: it is not open. `flow` is the flow as it was before the claim.
 */
export type BegunWork =
  | {
      readonly type: 'claimed'
      readonly fence: number
      readonly flow: FlowRecord
      /** The entry of the flow; null without one, and if it was removed. */
      readonly entry: EntryRecord | null
      /** The attempts of the flow's `budget`; null if nothing was reserved. */
      readonly budget: Budget | null
    }
  | { readonly type: 'busy' | 'changed' | 'ended'; readonly flow: FlowRecord }

/** The options of {@link StoreLeases.beginWork}. */
export interface BeginWork {
  readonly revision: number
  readonly term: LeaseTerm
  /** The attempt to reserve, if the flow has a `budget`. */
  readonly reserve: { readonly id: string; readonly principal: string } | null
}

/**
 * The leases and reservations of a store: rights that one process has for a limited time.
 *
 * A lease ends when its holder releases it, when its record is removed or its flow ends, or when its time is up without a
 * renewal. A lease whose time is up can be claimed by another process, and its holder can still renew it before that.
 * Leases and reservations need not survive a crash of the machine or of the database server.
 */
export interface StoreLeases {
  /**
   * Claims a flow and reserves an attempt, and reads the flow, its entry and its attempts, in one round trip. Returns
   * undefined if the flow does not exist. Claims nothing if it throws.
   *
   * @throws UnreadableRecordError if the row of the flow or entry is damaged
   */
  beginWork(scope: string, flowId: string, work: BeginWork): Promise<BegunWork | undefined>
  /** Claims a lease. Returns its fence, or null if it has a holder, even if that is the same one. */
  claim(name: LeaseName, term: LeaseTerm): Promise<number | null>
  /**
   * Renews all leases and reservations of a holder, of all scopes, in one statement. Returns the leases that it still has.
   */
  renew(term: LeaseTerm): Promise<readonly Lease[]>
  /** Ends leases and reservations of a holder. Without `names`, ends all leases of the holder, but no reservation. */
  release(holder: string, names?: readonly (LeaseName | ReservationName)[]): Promise<void>
  /**
   * Reserves an attempt, and returns the attempts with this key. Calls with the same key are serialized: each result has
   * all reservations that were made earlier. A reservation whose id exists keeps its place.
   */
  reserve(reservation: ReservationName & { readonly principal: string }, term: LeaseTerm): Promise<Budget>
  /** Returns the attempts with a key, and their reservations. */
  getBudget(scope: string, key: string, now: number): Promise<Budget>
}

/**
 * Stores entries, flows, failed attempts and the history. {@link Store.apply} makes all writes, all or nothing.
 *
 * The caller must not change a record after it passed it to the store. Returned records are frozen. Ids are opaque
 * strings: `constructor` and `__proto__` are valid ids.
 */
export interface Store {
  /** The cipher of the store, used if the host passes none. */
  readonly cipher?: Cipher
  /** The keys of `cipher`. Absent if the host passes the cipher or manages its keys. */
  readonly keys?: StoreKeys
  /** Whether rows outlive the process. Durable stores cannot be used with a plain cipher. */
  readonly durable: boolean
  /** Absolute path of the database, if it is a file. Files of the command line are created next to it. */
  readonly file?: string
  /**
   * Whether many processes are expected to share the store. Latchkey then connects each entry at its first use.
   * Defaults to false.
   */
  readonly shared?: boolean
  /** Stores refreshed tokens while the store itself cannot be written. */
  readonly journal?: TokenJournal
  /** The changes that other stores on the same data make. */
  readonly feed: Feed
  /** The positions that all processes share. */
  readonly cursors: Cursors
  /** The webhooks, and the history that they follow. */
  readonly webhooks: StoreWebhooks
  /** The content of removed entries, until their services have been informed. */
  readonly removals: StoreRemovals
  /** The rights that one process has for a limited time. */
  readonly leases: StoreLeases
  /**
   * Opens the store. Has no effect if it is open.
   *
   * @throws NewerDatabaseError if a newer version of Latchkey wrote the database
   * @throws KeyMissingError if no key decrypts the stored values
   * @throws StoreError if it cannot be opened
   */
  open(): Promise<void>
  /** Finishes pending writes and closes files and connections. The store can be opened again. */
  close(): Promise<void>
  /**
   * Writes all records, or none, in the given order: a write can take a slot that an earlier one frees. The revision of
   * a record must be `ifRevision + 1`, and its scope `scope`.
   *
   * @throws RevisionConflictError if the stored revision is not `ifRevision`
   * @throws SlotTakenError if another record holds a slot that the record needs. See `SlotTakenError.slot`
   * @throws StoreError for any other failure: a full disk, a lost connection, a wrong revision. Its `outcome` is
   *   `unknown` only if the store could not find out whether the writes were made
   */
  apply(scope: string, writes: readonly Write[]): Promise<void>
  /** @throws UnreadableRecordError if the row is damaged */
  getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined>
  /**
   * Reads an entry and its open edit flow in one round trip. @throws UnreadableRecordError if the row of the entry is damaged
   */
  getEntryToEdit(scope: string, entryId: string): Promise<EntryToEdit>
  findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>>
  /**
   * Returns a page of the entries that need attention, each with its open edit flow: first those of `EntryQuery.needs`
   * by id, then those whose credential expires, the earliest first. `next` and `after` are opaque. The cost must depend
   * on the limit, not on the number of entries.
   */
  findAttention(scope: string, query: AttentionQuery): Promise<Page<NeedyEntry>>
  /** Counts the entries of a scope. The cost must depend on `atMost`, not on the number of entries. */
  countEntries(scope: string, query: CountQuery): Promise<StoredCounts>
  /** Returns one entry of any scope, of a domain, or of an account of a domain; undefined without one. */
  anyEntry(of?: AnyEntryQuery): Promise<EntryRow | undefined>
  /**
   * Returns the entries of all scopes whose credential expires after `from` and no later than `until`, the earliest
   * first. The cost must depend on the result, not on the number of entries.
   */
  findExpiring(from: number, until: number): Promise<readonly Expiring[]>
  /**
   * Returns at most `limit` entries of all scopes whose `refreshAt` is at or before `now`, the longest overdue first. The
   * cost must depend on the limit, not on the number of entries.
   */
  findRefreshDue(now: number, limit: number): Promise<readonly EntryName[]>
  /**
   * Returns at most `limit` entries of some domains, of all scopes, that are not ignored, and whose connection no process
   * owns.
   */
  findUnowned(domains: readonly string[], now: number, limit: number): Promise<readonly EntryName[]>
  /** Returns the flow that a request with this idempotency key opened. @throws UnreadableRecordError if the row is damaged */
  getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined>
  /** Returns the open flow that holds a slot. @throws UnreadableRecordError if the row is damaged */
  getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined>
  /** @throws UnreadableRecordError if the row is damaged */
  getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined>
  findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>>
  /** Returns the number of open flows without an edit slot, but not more than `atMost`. It need not count more. */
  countOpenFlows(scope: string, atMost: number): Promise<number>
  /** @throws UnreadableRecordError if the row is damaged */
  getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined>
  /** Returns the readable part of an entry, also if its record is damaged. A damaged record can so be removed. */
  getEntryRow(scope: string, entryId: string): Promise<EntryRow | undefined>
  /** Returns the readable part of a flow, also if its record is damaged. */
  getFlowRow(scope: string, flowId: string): Promise<FlowRow | undefined>
  /** Returns the readable part of attempts, also if their record is damaged. */
  getAttemptsRow(scope: string, key: string): Promise<AttemptsRow | undefined>
  /**
   * Returns the rows of all scopes that are due, the longest overdue first. `beyond` adds the rows whose `dueAt` is
   * later than that: no process writes them unless its clock is wrong. Flows that a process works on are not returned.
   */
  due(now: number, limit: number, beyond?: number): Promise<readonly Due[]>
  /**
   * Returns at most `limit` scopes that have an entry, a flow, a webhook or a removal, in order, after the scope `after`. The cost
   * must depend on the number of scopes returned, not on their rows.
   */
  scopes(query: { readonly after?: string; readonly limit: number }): Promise<readonly string[]>
  /** Returns the history of an entry; with `null`, of the whole scope. */
  readAudit(scope: string, entryId: string | null, query: AuditQuery): Promise<Page<AuditRow>>
  /**
   * Deletes history rows of all scopes from before this time, at most `limit`. Returns whether more may be left. No other
   * call deletes history.
   */
  purgeAudit(before: number, limit: number): Promise<boolean>
  /**
   * Reports measurements, such as the number of calls in each commit. Absent if the store measures nothing.
   *
   * @returns a function that ends the reports
   */
  observe?(measure: (measurement: Measurement) => void): () => void
  /** Returns the facts about the stored data that an operator must know. Absent if the store has no facts. */
  notices?(): Promise<readonly StoreNotice[]>
  /**
   * Returns the migrations that the next `open()` makes, without any change. Also works while this object is closed.
   * Absent if the store has no migrations.
   *
   * @throws NewerDatabaseError, StoreError
   */
  migrations?(): Promise<Migrations>
  /**
   * Copies the stored data to a new file, as it is at one moment. Works while the store is in use, and while this object is
   * closed. Never contains the key. Absent if the store cannot do this.
   *
   * @throws FileExistsError, StoreError
   */
  backup?(file: string): Promise<void>
  /**
   * Replaces the stored data by a backup, while no process has it open. The old files are renamed. `verify` can read the
   * backup as a store before, and rejects to leave everything as it is.
   *
   * @throws InvalidBackupError, NewerDatabaseError, KeyMissingError, DatabaseInUseError, and any error of `verify`
   */
  restore?(file: string, verify?: (backup: Store) => Promise<void>): Promise<Restored>
}
