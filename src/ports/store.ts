import type { Cipher } from './cipher.ts'
import type { JsonObject } from './json.ts'
import type { SubentryRecord } from './subentry-record.ts'
import type { TokenJournal } from './token-journal.ts'

/** Why an entry needs a person. `requested`: the host asked; `invalid_auth`: the service refused the credential. */
export type ReauthReason = 'invalid_auth' | 'requested'

/**
 * What an entry held before its last change, as it was: kept until the new has proven itself, to be put back if it does
 * not. What is sealed opens for the identity that the entry had then.
 */
type PreviousEntry = {
  readonly version: number
  readonly data: JsonObject
  readonly sealed: string
  readonly options: JsonObject
  /** The entry's own where absent. */
  readonly uniqueId?: string | null
  readonly exclusive?: string
} & (
  | /** Data of a newer version replaced it. */ { readonly why: 'migrated' }
  /** What a person entered did. A person was needed, if `reauth` is set; `rejected`: the service had refused the credential. */
  | { readonly why: 'reconfigured'; readonly reauth: EntryRecord['reauth']; readonly rejected: boolean }
)

/** A saved, verified link to a device or an account. It holds facts only: running states belong to each process. */
export interface EntryRecord {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  /** The account's own identity as `connect` reported it; null where the service has none. */
  readonly uniqueId: string | null
  readonly title: string
  /** The fields that are no secrets, as they were submitted. */
  readonly data: JsonObject
  /** The secret fields, sealed. */
  readonly sealed: string
  readonly options: JsonObject
  /** The integration's version of `data`. */
  readonly version: number
  /** Grows by one with each write of this entry; starts at 1. */
  readonly revision: number
  /** Grows by one with each commit of a proven credential; starts at 1. */
  readonly credentialRevision: number
  /** The credential revision that the service refused: nobody connects with it again unless a person asks. */
  readonly rejectedRevision: number | null
  readonly reauth: { readonly since: number; readonly reason: ReauthReason } | null
  readonly disabled: boolean
  /** Why its data could not be brought to the integration's version; null while nothing is known against it. */
  readonly migrationError: string | null
  /** What a change that is not proven yet has replaced; absent otherwise. */
  readonly previous?: PreviousEntry
  /** A new address that was announced, and that nobody has confirmed; `dismissed`: a person does not want it. */
  readonly proposal?: {
    readonly since: number
    readonly values: JsonObject
    readonly dismissed: boolean
  } | null
  /** True where a person wants nothing of it: it holds its identity, and is never set up. */
  readonly ignored?: boolean
  /** The newest keys under which discoveries found it. */
  readonly discoveryKeys?: readonly string[]
  /** What only one entry of its domain may have beside its identity: an integration says of what it is made. */
  readonly exclusive?: string
  /** Grows when the repair links of this entry are revoked; absent while none ever were. */
  readonly linkGeneration?: number
  /** The way in by which it came, where its integration has several; absent otherwise. */
  readonly method?: string
  /** When its credential ends (ms since the epoch); null or absent where it does not, or nobody knows. */
  readonly expiresAt?: number | null
  /** Who renews its token now, until when (ms since the epoch): nobody else does. Null or absent while nobody does. */
  readonly lease?: { readonly holder: string; readonly until: number } | null
  /**
   * What is under it, in the order in which it was added; absent where nothing ever was. `revision` grows by one with each
   * change of what is there.
   */
  readonly subentries?: { readonly revision: number; readonly items: readonly SubentryRecord[] }
  /** The flow that created it: a repeated commit of that flow finds its own entry by it. */
  readonly createdBy: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** A request that may be repeated: an `Idempotency-Key` is one principal's own. */
export interface Asked {
  readonly principal: string
  readonly key: string
  /** What was asked for: another request under the same key is a mistake. */
  readonly request: string
}

/** One conversation with a person, at rest. */
export interface FlowRecord {
  readonly scope: string
  readonly flowId: string
  /** The machine and its record version, for example `config-flow@1`. */
  readonly machine: string
  readonly domain: string
  readonly source: string
  readonly entryId: string | null
  /**
   * What it holds while it is open, if anything: no other open flow of its domain may. `account:` and the identity that
   * was found, `options:` and the entry whose options it changes, or `subentry:` and what it changes under which entry.
   */
  readonly uniqueId?: string
  /** What asked for it, where the caller may ask again: who, under which key, and for what; absent otherwise. */
  readonly asked?: Asked
  /** The step it waits at, or its end. */
  readonly step: string
  /** False once it has ended. */
  readonly open: boolean
  /** True for a flow that holds the edit slot of its entry. */
  readonly edits: boolean
  /** What the machine keeps between steps; empty in a tombstone. */
  readonly context: JsonObject
  /** What was typed before a challenge, sealed; null otherwise. */
  readonly sealedDraft: string | null
  /** Grows by one with each write; starts at 1. */
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
  /** When it expires, or a tombstone is purged; null while it lives as long as its entry needs it. */
  readonly expiresAt: number | null
  /** When something has to be done about it: the earlier of its expiry and the wiping of its draft. */
  readonly dueAt: number | null
}

/** Submitted logins that were refused, counted for one entry, or for one domain where there is no entry yet. */
export interface AttemptsRecord {
  readonly scope: string
  readonly key: string
  readonly failures: readonly { readonly at: number; readonly principal: string; readonly code: string }[]
  /** Until when the service asked to be left alone (its Retry-After); null if it did not. */
  readonly blockedUntil: number | null
  readonly revision: number
  /** When it no longer holds anything back and is purged. */
  readonly dueAt: number
}

/** One line of an entry's history: identifiers and codes, never a value. */
export interface AuditRow {
  readonly scope: string
  readonly at: number
  readonly who: string
  readonly entryId: string | null
  readonly flowId: string | null
  readonly kind: string
  readonly code: string | null
  /** The entry's or flow's revision after it. */
  readonly revision: number
}

/** One write of a transaction. `ifRevision` is the stored revision that it replaces; 0: it must not exist. */
export type Write =
  | { readonly put: 'entry'; readonly record: EntryRecord; readonly ifRevision: number }
  | { readonly put: 'flow'; readonly record: FlowRecord; readonly ifRevision: number }
  | { readonly put: 'attempts'; readonly record: AttemptsRecord; readonly ifRevision: number }
  | { readonly remove: 'entry' | 'flow' | 'attempts'; readonly id: string; readonly ifRevision: number }
  | { readonly audit: AuditRow }

/** Part of a list, in the order of ids. `after: next` continues it; `unreadable` names rows that could not be read. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly unreadable: readonly string[]
}

export interface EntryQuery {
  readonly domain?: string
  /** With `domain`: the one entry that holds this identity. */
  readonly uniqueId?: string
  /** With `domain`: the one entry that has this. */
  readonly exclusive?: string
  /** True: only entries that need a person (`reauth`, `migrationError` or a `proposal` is set). False: only the others. */
  readonly needs?: boolean
  /** True: only entries that are ignored. False: only the others. */
  readonly ignored?: boolean
  readonly after?: string
  readonly limit: number
}

export interface FlowQuery {
  readonly entryId?: string
  readonly domain?: string
  readonly open?: boolean
  /** With `entryId`: only flows that hold, or held, its edit slot. */
  readonly edits?: true
  readonly after?: string
  readonly limit: number
}

/** An entry whose credential ends. */
export interface Expiring {
  readonly scope: string
  readonly entryId: string
}

/** A row whose `dueAt` has come. */
export interface Due {
  readonly scope: string
  readonly kind: 'flow' | 'attempts'
  readonly id: string
}

/** What was written since a mark: rows of other processes, and the rows of this one among them. */
export interface Elsewhere {
  readonly mark: string
  readonly rows: readonly AuditRow[]
}

/**
 * Keeps entries, flows, attempts and the audit trail. Every write goes through {@link Store.apply}, all or nothing.
 *
 * Records handed in are the store's from then on, and records handed out are frozen: nobody can change a stored
 * record by holding on to an object. Ids are opaque strings; `constructor` and `__proto__` are ids like any other.
 */
export interface Store {
  /** The cipher that came with the store, used where the host gives none. */
  readonly cipher?: Cipher
  /** True where rows outlive the process: then a plain cipher is refused. */
  readonly durable: boolean
  /** Where it can keep a renewed token while it cannot be written; absent where it has no such place. */
  readonly journal?: TokenJournal
  /**
   * Makes it ready; does nothing when it is.
   * @throws NewerDatabaseError, KeyMissingError, StoreError
   */
  open(): Promise<void>
  /** Finishes the writes in hand and lets go of files and connections. Rows stay, and it can be opened again. */
  close(): Promise<void>
  /**
   * Writes all, or nothing, in the order given: a slot that one write frees, the next can take.
   * A record's revision is `ifRevision + 1` and its scope is `scope`.
   * @throws RevisionConflictError where a record's stored revision is not `ifRevision`
   * @throws SlotTakenError where another entry has the (scope, domain, uniqueId) or the (scope, domain, exclusive), another open flow that
   *   edits the (scope, entryId), another open flow the (scope, domain, uniqueId), or another flow the (scope, asked.principal, asked.key)
   * @throws StoreError for anything else: a full disk, a lost connection, a record whose revision does not follow
   */
  apply(scope: string, writes: readonly Write[]): Promise<void>
  /** @throws UnreadableRecordError */
  getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined>
  findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>>
  /**
   * The entries whose credential ends after `from` and by `until`, the soonest first: of one scope, or with null of all.
   * The cost is that of what is found, however many entries there are.
   */
  findExpiring(scope: string | null, from: number, until: number): Promise<readonly Expiring[]>
  /** The flow that a request opened. @throws UnreadableRecordError */
  getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined>
  /** The open flow that holds an identity. @throws UnreadableRecordError */
  getFlowHolding(scope: string, domain: string, uniqueId: string): Promise<FlowRecord | undefined>
  /** @throws UnreadableRecordError */
  getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined>
  findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>>
  /** How many open flows of the scope hold no edit slot, at a cost that does not grow with them. */
  countOpenFlows(scope: string): Promise<number>
  /** @throws UnreadableRecordError */
  getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined>
  /** What has to be expired, wiped or purged by now, over all scopes, the longest overdue first. */
  due(now: number, limit: number): Promise<readonly Due[]>
  /** The scopes that own an entry or a flow. */
  scopes(): Promise<readonly string[]>
  /** An entry's history, oldest first; with null that of the whole scope. */
  readAudit(
    scope: string,
    entryId: string | null,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<Page<AuditRow>>
  /**
   * What the history of a scope says since a mark that this gave before, if another process has written since, at the cost of what it says;
   * with null the mark alone. Absent where no other process can write.
   */
  readElsewhere?(scope: string, since: string | null): Promise<Elsewhere>
  /** Lets go of the history of all scopes that is older than this, which nothing else can. */
  purgeAudit(before: number): Promise<void>
  /** A number that changes whenever anybody wrote, in this process or another. */
  version(): Promise<number>
}
