import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { ConfigurationError, StoreError } from '../../errors.ts'
import { numberProblem } from '../../number-rules.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { AuditQuery, AuditRow } from '../../ports/history.ts'
import type { CountQuery, StoredCounts } from '../../ports/query.ts'
import type {
  AnyEntryQuery,
  AttemptsRecord,
  AttemptsRow,
  AttentionQuery,
  Due,
  EntryName,
  EntryQuery,
  EntryRecord,
  EntryRow,
  EntryToEdit,
  Expiring,
  FlowQuery,
  FlowRecord,
  FlowRow,
  Migrations,
  NeedyEntry,
  Page,
  Restored,
  Store,
  StoreNotice,
  Write,
} from '../../ports/store.ts'
import type { TokenJournal } from '../../ports/token-journal.ts'
import { fileJournal } from '../node/file-journal.ts'
import { KeyFileRing } from '../node/key-file-ring.ts'
import { Observers } from '../observers.ts'
import { flowRowOf, readRecord } from '../stored-record.ts'

import { asOpenError, asStoreError, throwStoreError } from './as-store-error.ts'
import { backUpDatabase } from './backup.ts'
import { SqliteCursors } from './cursors.ts'
import { readDue } from './due.ts'
import { readEntryToEdit } from './entry-to-edit.ts'
import { SqliteFeed, type SqliteFeedStatements, sqliteFeedStatements } from './feed.ts'
import { openSqliteFile } from './file.ts'
import { GroupCommit } from './group-commit.ts'
import { SqliteLeases } from './leases.ts'
import * as lists from './lists.ts'
import { markNew, readNotices } from './marks.ts'
import { purgeHistory } from './purge-history.ts'
import { readMigrations } from './read-migrations.ts'
import { type SqliteReads, sqliteReads } from './reads.ts'
import { SqliteRemovals } from './removals.ts'
import { restoreDatabase, sealedRows } from './restore.ts'
import { type SqliteStatements, sqliteStatements } from './statements.ts'
import { SqliteWebhooks } from './webhooks.ts'
import { sqliteWrite } from './write.ts'

/** The options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** Replaces the cipher with the key file. The key file is then not read or created. */
  readonly cipher?: Cipher
  /** Maximum size of the database in bytes. A write that exceeds it fails as on a full disk. */
  readonly maxBytes?: number
  /** Time that a write waits for another process before it fails, in milliseconds. Defaults to 5,000. */
  readonly busyTimeout?: number
}

/**
 * Creates a store in one SQLite file, with the key file `<path>.key` next to it. Requires Node and `kysely`. Several
 * processes can open the same file.
 *
 * @throws ConfigurationError if the path is a URL or in memory (use `memoryStore`), for a plain cipher, or if an option is not a
 *   valid number
 *
 * @example
 * ```ts
 * import { createLatchkey } from 'latchkey'
 * import { sqliteStore } from 'latchkey/sqlite'
 * import { myHub } from './my-hub.ts'
 *
 * const latchkey = await createLatchkey({ integrations: [myHub], store: sqliteStore('latchkey.db') })
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (typeof path !== 'string' || path === '' || path === ':memory:' || path.startsWith('file:')) {
    throw new ConfigurationError(
      'sqliteStore() requires the path of a file. Use fileURLToPath() for a URL, and memoryStore() for no file.',
    )
  }
  if (options.cipher?.plain)
    throw new ConfigurationError('A plain cipher does not encrypt. Use it only with memoryStore().')
  const { maxBytes, busyTimeout } = options
  const problem =
    numberProblem('maxBytes', maxBytes, 'count') ?? numberProblem('busyTimeout', busyTimeout, 'lead')
  if (problem !== null) throw new ConfigurationError(problem)
  return new SqliteStore(resolve(path), options)
}

/** The state between open() and close(). */
interface Session {
  readonly database: DatabaseSync
  readonly statements: SqliteStatements
  readonly reads: SqliteReads
  readonly changes: SqliteFeedStatements
  readonly commits: GroupCommit
}

class SqliteStore implements Store {
  readonly durable = true
  readonly file: string
  readonly cipher: Cipher
  readonly keys?: KeyFileRing
  readonly journal: TokenJournal
  readonly #observers = new Observers()
  readonly observe = this.#observers.observe
  readonly feed = new SqliteFeed(() => this.#open(), this.#observers)
  readonly cursors = new SqliteCursors(() => this.#open())
  readonly webhooks = new SqliteWebhooks(() => this.#open().statements.webhooks)
  readonly removals = new SqliteRemovals(() => this.#open().statements.removals)
  readonly leases = new SqliteLeases(() => this.#open())
  readonly #options: SqliteStoreOptions
  #opening: Promise<void> | undefined
  #session: Session | undefined

  constructor(path: string, options: SqliteStoreOptions) {
    this.file = path
    this.#options = options
    this.journal = fileJournal(path)
    // The key file is read by open(), but callers can access the cipher before.
    const ring = new KeyFileRing(`${this.file}.key`)
    if (options.cipher === undefined) this.keys = ring
    this.cipher = options.cipher ?? ring.cipher
  }

  open(): Promise<void> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw asOpenError(this.file, error)
    })
    return this.#opening
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {})
    this.#opening = undefined
    const session = this.#session
    if (session === undefined) return
    session.commits.flush()
    this.feed.closing()
    this.#session = undefined
    this.keys?.unload()
    session.database.close()
  }

  async apply(scope: string, writes: readonly Write[]): Promise<void> {
    const { statements, commits } = this.#open()
    try {
      const steps = writes.map((write) => sqliteWrite(statements, scope, write))
      const change = this.feed.step(scope, writes)
      if (change !== null) steps.push(change)
      await commits.submit(() => {
        for (const step of steps) step()
      })
    } catch (error) {
      throw asStoreError(error)
    }
  }

  async getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    const row = this.#read((reads) => reads.entry.get(scope, entryId))
    return row && readRecord('entry', scope, row)
  }

  async getEntryToEdit(scope: string, entryId: string): Promise<EntryToEdit> {
    return this.#read((reads) => readEntryToEdit(reads, scope, entryId))
  }

  async findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>> {
    return this.#read((reads) => lists.entriesPage(reads, scope, query))
  }

  async findAttention(scope: string, query: AttentionQuery): Promise<Page<NeedyEntry>> {
    return this.#read((reads) => lists.attentionPage(reads, scope, query))
  }

  async countEntries(scope: string, query: CountQuery): Promise<StoredCounts> {
    return this.#read((reads) => lists.entryCounts(reads, scope, query))
  }

  async anyEntry(of: AnyEntryQuery = {}): Promise<EntryRow | undefined> {
    return this.#read((reads) => lists.anyEntryRow(reads, of))
  }

  async getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined> {
    const row = this.#read((reads) => reads.flow.get(scope, flowId))
    return row && readRecord('flow', scope, row)
  }

  async getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined> {
    const row = this.#read((reads) => reads.flowAsked.get(scope, principal, key))
    return row && readRecord('flow', scope, row)
  }

  async getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined> {
    const row = this.#read((reads) => reads.flowHolding.get(scope, domain, slot))
    return row && readRecord('flow', scope, row)
  }

  async findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>> {
    return this.#read((reads) => lists.flowsPage(reads, scope, query))
  }

  async countOpenFlows(scope: string, atMost: number): Promise<number> {
    return this.#read((reads) => Math.min(reads.openFlows.get(scope)?.count ?? 0, atMost))
  }

  async getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined> {
    const row = this.#read((reads) => reads.attempts.get(scope, key))
    return row && readRecord('attempts', scope, row)
  }

  async getEntryRow(scope: string, entryId: string): Promise<EntryRow | undefined> {
    return this.#read((reads) => reads.entryRow.get(scope, entryId))
  }

  async getFlowRow(scope: string, flowId: string): Promise<FlowRow | undefined> {
    const row = this.#read((reads) => reads.flowRow.get(scope, flowId))
    return row && flowRowOf(scope, flowId, row)
  }

  async getAttemptsRow(scope: string, key: string): Promise<AttemptsRow | undefined> {
    return this.#read((reads) => reads.attemptsRow.get(scope, key))
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly Due[]> {
    const { leases } = this.#open().statements
    return this.#read((reads) => readDue(reads, leases, { now, limit, beyond }))
  }

  async findExpiring(from: number, until: number): Promise<readonly Expiring[]> {
    return this.#read((reads) => reads.expiring.all(from, until).map(lists.nameOf))
  }

  async findUnowned(domains: readonly string[], now: number, limit: number) {
    return this.#read((reads) => lists.unownedEntries(reads, { domains, now, limit }))
  }

  async findRefreshDue(now: number, limit: number): Promise<readonly EntryName[]> {
    return this.#read((reads) => reads.refreshDue.all(now, limit).map(lists.nameOf))
  }

  async scopes({ after, limit }: lists.PageQuery) {
    return this.#read((reads) => lists.scopeNames(reads, after, limit))
  }

  async readAudit(scope: string, entryId: string | null, query: AuditQuery): Promise<Page<AuditRow>> {
    return this.#read((reads) => lists.historyPage(reads, scope, entryId, query))
  }

  async purgeAudit(before: number, limit: number): Promise<boolean> {
    return purgeHistory(this.#open(), before, limit)
  }

  async notices(): Promise<readonly StoreNotice[]> {
    const { database } = this.#open()
    return this.#read(() => readNotices(database))
  }

  migrations(): Promise<Migrations> {
    return readMigrations(this.file).catch(throwStoreError)
  }

  backup(file: string): Promise<void> {
    return backUpDatabase(this.file, resolve(file)).catch(throwStoreError)
  }

  restore(file: string, verify?: (backup: Store) => Promise<void>): Promise<Restored> {
    return restoreDatabase(this.file, resolve(file), this.#options, async (staged, cipher) => {
      const backup = new SqliteStore(staged, { ...this.#options, cipher })
      try {
        await verify?.(backup)
      } finally {
        await backup.close()
      }
    }).catch(throwStoreError)
  }

  async #start(): Promise<void> {
    const hadKey = this.#options.cipher === undefined && existsSync(`${this.file}.key`)
    const created = hadKey ? { created: markNew } : {}
    const database = await openSqliteFile(this.file, { ...this.#options, ...created })
    try {
      const reads = sqliteReads(database)
      await this.keys?.load(sealedRows(reads))
      const commits = new GroupCommit(database, this.#observers.measure)
      const statements = sqliteStatements(database)
      const changes = sqliteFeedStatements(database)
      this.#session = { database, statements, reads, changes, commits }
    } catch (error) {
      database.close()
      throw error
    }
  }

  #open(): Session {
    if (this.#session === undefined) throw new StoreError('The store is not open.')
    return this.#session
  }

  #read<Result>(read: (reads: SqliteReads) => Result): Result {
    const { reads } = this.#open()
    try {
      return read(reads)
    } catch (error) {
      throw asStoreError(error)
    }
  }
}
