import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Changes, Feed } from '../../ports/feed.ts'
import type { Write } from '../../ports/store.ts'
import { type ChangedIds, changedIds, combinedIds, isChange, timeOf } from '../changed-ids.ts'
import type { Observers } from '../observers.ts'
import { asStoreError } from './as-store-error.ts'
import type { GroupCommit } from './group-commit.ts'
import { prepare as prepareFor, sqliteQueries } from './prepared.ts'
import type { SqliteReads } from './reads.ts'

/** The statements of the feed for an open database. */
export type SqliteFeedStatements = ReturnType<typeof sqliteFeedStatements>

/** Prepares the statements of the feed. The number of a change is one more than the last of its scope. */
export function sqliteFeedStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const text = ''
  const number = 0
  const changes = db.selectFrom('changes').where('scope', '=', text)
  const readers = db.selectFrom('feed_readers').select('at')
  return {
    insert: prepareFor(
      database,
      db
        .insertInto('changes')
        .columns(['scope', 'seq', 'origin', 'ids', 'at'])
        .expression(
          changes.select(({ fn, val }) => [
            // The parameters are: scope, origin, ids, at, scope.
            val(text).as('scope'),
            sql<number>`coalesce(${fn.max('seq')}, 0) + 1`.as('seq'),
            val(text).as('origin'),
            val(text).as('ids'),
            val(number).as('at'),
          ]),
        ),
    ),
    head: prepareFor(
      database,
      changes.select(({ fn }) => sql<number>`coalesce(${fn.max('seq')}, 0)`.as('seq')),
    ),
    count: prepareFor(
      database,
      changes
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('seq', '>', number)
        .where('seq', '<=', number),
    ),
    others: prepareFor(
      database,
      changes
        .select(['ids', 'at'])
        .where('seq', '>', number)
        .where('seq', '<=', number)
        .where('origin', '<>', text)
        .orderBy('seq'),
    ),
    reader: prepareFor(database, readers.where('origin', '=', text)),
    otherReaders: prepareFor(database, readers.where('origin', '<>', text).limit(sql.lit(1))),
    addReader: prepareFor(
      database,
      db
        .insertInto('feed_readers')
        .values({ origin: text, at: number })
        .onConflict((conflict) => conflict.column('origin').doUpdateSet({ at: sql`excluded.at` })),
    ),
    removeReader: prepareFor(database, db.deleteFrom('feed_readers').where('origin', '=', text)),
    removeOldReaders: prepareFor(database, db.deleteFrom('feed_readers').where('at', '<', number)),
    purge: prepareFor(
      database,
      db
        .deleteFrom('changes')
        .where('at', '<', number)
        .where('seq', '<', ({ selectFrom }) =>
          selectFrom('changes as later')
            .whereRef('later.scope', '=', 'changes.scope')
            .select(({ fn }) => fn.max('later.seq').as('seq')),
        ),
    ),
  }
}

/** An open database, as the feed needs it. */
interface FeedSession {
  readonly changes: SqliteFeedStatements
  readonly reads: Pick<SqliteReads, 'dataVersion'>
  readonly commits: GroupCommit
}

/** Interval at which a listening feed looks for commits of other connections, in milliseconds. */
const LOOK_INTERVAL = 20

/** Interval at which a reader refreshes its row, in milliseconds. */
const READER_REFRESH = 3_600_000

/** A reader that was not closed is removed after this time, in milliseconds. If it goes on, it is reset. */
const READER_LIFETIME = 86_400_000

/**
 * The feed of a database file. Other stores are other connections, in this process or in others. Each one that reads the
 * feed has a row, so that a store without other readers need not write its changes.
 */
export class SqliteFeed implements Feed {
  /** Identifies the changes of this store. */
  readonly #origin = crypto.randomUUID()
  readonly #session: () => FeedSession
  readonly #observers: Observers
  /** Whether other stores read the feed, as of a data version of the database. */
  #readers = { version: -1, exist: false }

  /** `session` throws a StoreError if the database is not open. */
  constructor(session: () => FeedSession, observers: Observers) {
    this.#session = session
    this.#observers = observers
  }

  /** Returns the step that adds the change of a transaction; null without a change. */
  step(scope: string, writes: readonly Write[]): (() => void) | null {
    if (!writes.some(isChange)) return null
    const session = this.#session()
    return () => {
      if (!this.#hasReaders(session)) return
      const ids = JSON.stringify(changedIds(writes))
      session.changes.insert.run(scope, this.#origin, ids, timeOf(writes), scope)
    }
  }

  async head(scope: string): Promise<number> {
    if (!this.#isReader()) await this.#register()
    return this.#read(({ changes }) => headOf(changes, scope))
  }

  async read(scope: string, since: number): Promise<Changes> {
    if (!this.#isReader()) return { ...combinedIds([]), seq: await this.head(scope), reset: true }
    return this.#read(({ changes }) => {
      // Changes after this one are for the next read.
      const seq = headOf(changes, scope)
      const rows = changes.others.all(scope, since, seq, this.#origin)
      this.#observers.lag(rows[0]?.at)
      const ids = combinedIds(rows.map((row) => JSON.parse(row.ids) as ChangedIds))
      return { ...ids, seq, reset: changes.count.get(scope, since, seq)?.count !== seq - since }
    })
  }

  async moved(since: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const at = this.#readerSince()
    const isReader = at !== undefined
    // The tasks of other processes delete old rows, and so each reader looks here from time to time.
    if (isReader && at < Date.now() - READER_REFRESH) await this.#register()
    return this.#read(({ changes }) =>
      [...since]
        .filter(([scope, seq]) => !isReader || headOf(changes, scope) !== seq)
        .map(([scope]) => scope),
    )
  }

  listen(wake: (scopes: readonly string[] | null) => void): () => void {
    let seen: number | null = null
    const look = () => {
      try {
        const version = this.#read(versionOf)
        if (seen !== null && version !== seen) wake(null)
        seen = version
      } catch {
        // The database is closed or busy. The next look finds the same changes.
      }
    }
    look()
    const timer = setInterval(look, LOOK_INTERVAL)
    timer.unref()
    return () => clearInterval(timer)
  }

  stamp(): number {
    return this.#read((session) => versionOf(session) + session.commits.commits)
  }

  async purge(before: number): Promise<void> {
    await this.#write(({ changes }) => {
      changes.purge.run(before)
      changes.removeOldReaders.run(Date.now() - READER_LIFETIME)
    })
  }

  /** Removes the reader before the database is closed. */
  closing(): void {
    this.#readers = { version: -1, exist: false }
    try {
      if (this.#isReader()) this.#session().changes.removeReader.run(this.#origin)
    } catch {
      // Other stores remove it after its lifetime.
    }
  }

  /** Whether another store reads the feed. Call it in a transaction, so that none can begin before its commit. */
  #hasReaders(session: FeedSession): boolean {
    const version = versionOf(session)
    if (version !== this.#readers.version)
      this.#readers = { version, exist: session.changes.otherReaders.get(this.#origin) !== undefined }
    return this.#readers.exist
  }

  #isReader(): boolean {
    return this.#readerSince() !== undefined
  }

  #readerSince(): number | undefined {
    return this.#read(({ changes }) => changes.reader.get(this.#origin)?.at)
  }

  #register(): Promise<void> {
    return this.#write(({ changes }) => {
      changes.removeOldReaders.run(Date.now() - READER_LIFETIME)
      changes.addReader.run(this.#origin, Date.now())
    })
  }

  #read<Result>(read: (session: FeedSession) => Result): Result {
    const session = this.#session()
    try {
      return read(session)
    } catch (error) {
      throw asStoreError(error)
    }
  }

  async #write(write: (session: FeedSession) => void): Promise<void> {
    const session = this.#session()
    try {
      await session.commits.submit(() => write(session))
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

const headOf = ({ head }: SqliteFeedStatements, scope: string): number => head.get(scope)?.seq ?? 0

/** Returns SQLite's data version, which changes only with commits of other connections. */
const versionOf = ({ reads }: FeedSession): number => reads.dataVersion.get()?.data_version ?? 0
