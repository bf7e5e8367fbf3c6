import type { Compilable } from 'kysely'
import { StoreError } from '../../errors.ts'
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
  Store,
  Write,
} from '../../ports/store.ts'
import { formatCursor } from '../attention-cursor.ts'
import { isStorable } from '../check-write.ts'
import { NO_ENTRIES } from '../entry-status.ts'
import { Observers } from '../observers.ts'
import {
  flowRowOf,
  type RecordRow,
  readAttentionPage,
  readAuditPage,
  readPage,
  readRecord,
} from '../stored-record.ts'
import { asStoreError } from './connections.ts'
import { PostgresCursors } from './cursors.ts'
import { encode } from './encode.ts'
import { type EntryToEditRow, entryToEditOf } from './entry-to-edit.ts'
import { PostgresFeed } from './feed.ts'
import { PostgresLeases } from './leases.ts'
import { type CheckedOptions, checkedOptions, type PostgresStoreOptions } from './options.ts'
import { ReadBatches } from './read-batches.ts'
import { scopedReads } from './reads.ts'
import { PostgresRemovals } from './removals.ts'
import { closeSession, openSession, pendingMigrations, type Session, type SessionOptions } from './session.ts'
import { systemReads } from './system-reads.ts'
import { PostgresWebhooks } from './webhooks.ts'

export type { PostgresStoreOptions } from './options.ts'

/**
 * Creates a store in a PostgreSQL database, which several processes can use. Requires `pg` and `kysely`. It works with
 * PgBouncer in transaction mode. It has no cipher: pass one to `createLatchkey`.
 *
 * @throws ConfigurationError if an option is invalid
 *
 * @example
 * ```ts
 * import { createLatchkey, joseCipher } from 'latchkey'
 * import { postgresStore } from 'latchkey/postgres'
 * import { myHub } from './my-hub.ts'
 *
 * const store = postgresStore('postgres://app@db.example/app', {
 *   systemUrl: 'postgres://jobs@db.example/app',
 * })
 * const cipher = joseCipher([Buffer.from(process.env.LATCHKEY_KEY ?? '', 'base64')])
 * const latchkey = await createLatchkey({ integrations: [myHub], store, cipher })
 * ```
 */
export function postgresStore(url: string, options: PostgresStoreOptions = {}): Store {
  return new PostgresStore(url, checkedOptions(url, options))
}

class PostgresStore implements Store {
  readonly durable = true
  readonly shared = true
  readonly feed: PostgresFeed
  readonly cursors: PostgresCursors
  readonly webhooks: PostgresWebhooks
  readonly removals: PostgresRemovals
  readonly leases: PostgresLeases
  readonly #url: string
  readonly #options: CheckedOptions
  readonly #scoped: ReturnType<typeof scopedReads>
  readonly #all: ReturnType<typeof systemReads>
  readonly #edits = new ReadBatches<EntryName, EntryToEditRow>((names) => {
    const text = `select * from ${this.#options.schema}.entries_to_edit($1, $2)`
    const values = [names.map(({ scope }) => scope), names.map(({ entryId }) => entryId)]
    return this.#open().app.query(text, values)
  })
  #opening: Promise<void> | undefined
  #session: Session | undefined
  readonly #observers = new Observers()
  readonly observe = this.#observers.observe

  constructor(url: string, options: CheckedOptions) {
    this.#url = url
    this.#options = options
    this.#scoped = scopedReads(options.schema)
    this.#all = systemReads(options.schema)
    this.leases = new PostgresLeases(() => this.#open(), options.schema, this.#scoped)
    this.cursors = new PostgresCursors(() => this.#open(), this.#all)
    this.webhooks = new PostgresWebhooks(() => this.#open(), this.#scoped, this.#all)
    this.removals = new PostgresRemovals(() => this.#open(), this.#scoped, this.#all)
    this.feed = new PostgresFeed(() => this.#open(), {
      schema: options.schema,
      scoped: this.#scoped,
      all: this.#all,
      url: options.listenUrl ?? url,
      timeout: options.connectTimeout ?? 5_000,
      observers: this.#observers,
    })
  }

  open(): Promise<void> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw asStoreError(error)
    })
    return this.#opening
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {})
    const session = this.#session
    this.#opening = undefined
    this.#session = undefined
    if (session === undefined) return
    await session.commits.idle()
    await this.feed.flush(session)
    await closeSession(session)
  }

  async apply(scope: string, writes: readonly Write[]): Promise<void> {
    await this.#open().commits.submit(scope, encode(scope, writes))
  }

  async getEntry(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    const [row] = await this.#read(this.#scoped.entry(scope, entryId))
    return row && readRecord('entry', scope, row)
  }

  async getEntryToEdit(scope: string, entryId: string): Promise<EntryToEdit> {
    const isPresent = isStorable(scope) && isStorable(entryId)
    return entryToEditOf(scope, isPresent ? await this.#edits.read({ scope, entryId }) : undefined)
  }

  async findEntries(scope: string, query: EntryQuery): Promise<Page<EntryRecord>> {
    return this.#page('entry', scope, query, (limit) => this.#scoped.entries(scope, { ...query, limit }))
  }

  async findAttention(scope: string, query: AttentionQuery): Promise<Page<NeedyEntry>> {
    const limit = Math.max(1, query.limit)
    const rows = await this.#read(this.#scoped.attention(scope, { ...query, limit: limit + 1 }))
    const found = rows.map(({ expiresAt, ...row }) => {
      const at = { entryId: row.id }
      const cursor =
        expiresAt === null
          ? { ...at, part: 'needs' as const }
          : { ...at, part: 'expiring' as const, expiresAt }
      return { ...row, cursor: formatCursor(cursor) }
    })
    return readAttentionPage(scope, found, limit)
  }

  async countEntries(scope: string, query: CountQuery): Promise<StoredCounts> {
    const [counts = NO_ENTRIES] = await this.#read(this.#scoped.counts(scope, query))
    return counts
  }

  async anyEntry(of: AnyEntryQuery = {}): Promise<EntryRow | undefined> {
    const [row] = await this.#readAll(this.#all.anyEntry(of))
    return row
  }

  async getFlow(scope: string, flowId: string): Promise<FlowRecord | undefined> {
    return this.#flow(scope, this.#scoped.flow(scope, flowId))
  }

  async getFlowAsked(scope: string, principal: string, key: string): Promise<FlowRecord | undefined> {
    return this.#flow(scope, this.#scoped.flowAsked(scope, principal, key))
  }

  async getFlowHolding(scope: string, domain: string, slot: string): Promise<FlowRecord | undefined> {
    return this.#flow(scope, this.#scoped.flowHolding(scope, domain, slot))
  }

  async findFlows(scope: string, query: FlowQuery): Promise<Page<FlowRecord>> {
    return this.#page('flow', scope, query, (limit) => this.#scoped.flows(scope, { ...query, limit }))
  }

  async countOpenFlows(scope: string, atMost: number): Promise<number> {
    const [row] = await this.#read(this.#scoped.openFlows(scope, atMost))
    return row?.count ?? 0
  }

  async getAttempts(scope: string, key: string): Promise<AttemptsRecord | undefined> {
    const [row] = await this.#read(this.#scoped.attempts(scope, key))
    return row && readRecord('attempts', scope, row)
  }

  async getEntryRow(scope: string, entryId: string): Promise<EntryRow | undefined> {
    const [row] = await this.#read(this.#scoped.entryRow(scope, entryId))
    return row && { scope, entryId, ...row }
  }

  async getFlowRow(scope: string, flowId: string): Promise<FlowRow | undefined> {
    const [row] = await this.#read(this.#scoped.flowRow(scope, flowId))
    return row && flowRowOf(scope, flowId, row)
  }

  async getAttemptsRow(scope: string, key: string): Promise<AttemptsRow | undefined> {
    const [row] = await this.#read(this.#scoped.attemptsRow(scope, key))
    return row && { scope, key, ...row }
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly Due[]> {
    const found = await this.#readAll(this.#all.lapsed(limit))
    if (found.length < limit)
      found.push(...(await this.#readAll(this.#all.due('<=', now, limit - found.length))))
    if (beyond !== undefined && found.length < limit)
      found.push(...(await this.#readAll(this.#all.due('>', beyond, limit - found.length))))
    return found
  }

  findExpiring(from: number, until: number): Promise<readonly Expiring[]> {
    return this.#readAll(this.#all.expiring(from, until))
  }

  async findUnowned(domains: readonly string[], _now: number, limit: number): Promise<readonly EntryName[]> {
    return domains.length === 0 ? [] : this.#readAll(this.#all.unowned(domains, limit))
  }

  findRefreshDue(now: number, limit: number): Promise<readonly EntryName[]> {
    return this.#readAll(this.#all.refreshDue(now, limit))
  }

  async scopes({ after, limit }: { readonly after?: string; readonly limit: number }) {
    const rows = await this.#readAll(this.#all.scopes(after, limit))
    return rows.map(({ scope }) => scope)
  }

  async readAudit(scope: string, entryId: string | null, query: AuditQuery): Promise<Page<AuditRow>> {
    const count = Math.max(1, query.limit)
    const after = query.after === undefined ? null : Number(query.after)
    const rows = await this.#read(this.#scoped.audit(scope, entryId, { ...query, after, limit: count + 1 }))
    return readAuditPage(rows, count)
  }

  async purgeAudit(before: number, limit: number): Promise<boolean> {
    const deleted = await this.#readAll(this.#all.purgeAudit(before, limit))
    return deleted.length === limit
  }

  migrations(): Promise<Migrations> {
    return pendingMigrations(this.#sessionOptions()).catch((error: unknown) => {
      throw asStoreError(error)
    })
  }

  async #start(): Promise<void> {
    this.#session = await openSession(this.#sessionOptions())
  }

  #sessionOptions(): SessionOptions {
    return {
      url: this.#url,
      systemUrl: this.#url,
      ownerUrl: this.#url,
      connections: 10,
      connectTimeout: 5_000,
      queryTimeout: 10_000,
      outcomeTimeout: 15_000,
      ...this.#options,
      feed: this.feed,
      all: this.#all,
      measure: this.#observers.measure,
    }
  }

  #open(): Session {
    if (this.#session === undefined) throw new StoreError('The store is not open.')
    return this.#session
  }

  async #flow(scope: string, query: Compilable<RecordRow>) {
    const [row] = await this.#read(query)
    return row && readRecord('flow', scope, row)
  }

  async #page<Kind extends 'entry' | 'flow'>(
    kind: Kind,
    scope: string,
    query: EntryQuery | FlowQuery,
    rows: (limit: number) => Compilable<RecordRow>,
  ) {
    const limit = Math.max(1, query.limit)
    return readPage(kind, scope, await this.#read(rows(limit + 1)), limit)
  }

  #read<Row>(query: Compilable<Row>): Promise<Row[]> {
    return this.#open().app.run(query)
  }

  #readAll<Row>(query: Compilable<Row>): Promise<Row[]> {
    return this.#open().system.run(query)
  }
}
