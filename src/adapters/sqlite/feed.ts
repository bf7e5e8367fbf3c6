import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Changes, Feed } from '../../ports/feed.ts'
import type { Write } from '../../ports/store.ts'
import { type ChangedIds, changedIds, combinedIds, isChange, timeOf } from '../changed-ids.ts'
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
        .select('ids')
        .where('seq', '>', number)
        .where('seq', '<=', number)
        .where('origin', '<>', text)
        .orderBy('seq'),
    ),
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

/** The feed of a database file. Other stores are other connections, in this process or in others. */
export class SqliteFeed implements Feed {
  /** Identifies the changes of this store. */
  readonly #origin = crypto.randomUUID()
  readonly #session: () => FeedSession

  /** `session` throws a StoreError if the database is not open. */
  constructor(session: () => FeedSession) {
    this.#session = session
  }

  /** Returns the step that adds the change of a transaction; null if it is none. */
  step(scope: string, writes: readonly Write[]): (() => void) | null {
    if (!writes.some(isChange)) return null
    const { insert } = this.#session().changes
    const ids = JSON.stringify(changedIds(writes))
    const at = timeOf(writes)
    return () => void insert.run(scope, this.#origin, ids, at, scope)
  }

  async head(scope: string): Promise<number> {
    return this.#read(({ changes }) => headOf(changes, scope))
  }

  async read(scope: string, since: number): Promise<Changes> {
    return this.#read(({ changes }) => {
      // Changes after this one are for the next read.
      const seq = headOf(changes, scope)
      const rows = changes.others.all(scope, since, seq, this.#origin)
      const ids = combinedIds(rows.map((row) => JSON.parse(row.ids) as ChangedIds))
      return { ...ids, seq, reset: changes.count.get(scope, since, seq)?.count !== seq - since }
    })
  }

  async moved(since: ReadonlyMap<string, number>): Promise<readonly string[]> {
    return this.#read(({ changes }) =>
      [...since].filter(([scope, seq]) => headOf(changes, scope) !== seq).map(([scope]) => scope),
    )
  }

  listen(wake: (scopes: readonly string[] | null) => void): () => void {
    let seen: number | null = null
    const look = () => {
      try {
        const stamp = this.stamp()
        if (stamp !== seen) wake(null)
        seen = stamp
      } catch {
        // The database is closed or busy. The next look finds the same changes.
      }
    }
    const timer = setInterval(look, LOOK_INTERVAL)
    timer.unref()
    return () => clearInterval(timer)
  }

  stamp(): number {
    return this.#read(({ reads }) => reads.dataVersion.get()?.data_version ?? 0)
  }

  async purge(before: number): Promise<void> {
    const { changes, commits } = this.#session()
    try {
      await commits.submit(() => void changes.purge.run(before))
    } catch (error) {
      throw asStoreError(error)
    }
  }

  #read<Result>(read: (session: FeedSession) => Result): Result {
    const session = this.#session()
    try {
      return read(session)
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

const headOf = ({ head }: SqliteFeedStatements, scope: string): number => head.get(scope)?.seq ?? 0
