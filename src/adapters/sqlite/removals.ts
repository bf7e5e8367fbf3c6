import type { DatabaseSync } from 'node:sqlite'
import type { RemovalRecord, RemovalRow, StoreRemovals } from '../../ports/removals.ts'
import type { Page } from '../../ports/store.ts'
import { dueRows, pageOf, readRecord } from '../stored-record.ts'
import { asStoreError } from './as-store-error.ts'
import { prepare as prepareFor, sqliteQueries } from './prepared.ts'

/** The statements of removals for an open database. */
export type SqliteRemovalStatements = ReturnType<typeof sqliteRemovalStatements>

/** Prepares the statements of removals. */
export function sqliteRemovalStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const prepare = <Row>(query: Parameters<typeof prepareFor<Row>>[1]) => prepareFor<Row>(database, query)
  const text = ''
  const number = 0
  const columns = { due_at: number, revision: number, record: text }
  const rows = db.selectFrom('removals').select(['id', 'revision', 'record']).where('scope', '=', text)
  const due = (is: '<=' | '>') =>
    prepare(
      db
        .selectFrom('removals')
        .select(['scope', 'id', 'revision'])
        .where('due_at', is, number)
        .orderBy('due_at')
        .limit(number),
    )
  return {
    insert: prepare(
      db
        .insertInto('removals')
        .values({ scope: text, id: text, ...columns })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    update: prepare(
      db
        .updateTable('removals')
        .set(columns)
        .where('scope', '=', text)
        .where('id', '=', text)
        .where('revision', '=', number),
    ),
    remove: prepare(
      db
        .deleteFrom('removals')
        .where('scope', '=', text)
        .where('id', '=', text)
        .where('revision', '=', number),
    ),
    get: prepare(rows.where('id', '=', text)),
    list: prepare(rows.where('id', '>', text).orderBy('id').limit(number)),
    due: due('<='),
    dueLater: due('>'),
  }
}

/** The removals of a database file. */
export class SqliteRemovals implements StoreRemovals {
  readonly #statements: () => SqliteRemovalStatements

  /** `statements` throws a StoreError if the database is not open. */
  constructor(statements: () => SqliteRemovalStatements) {
    this.#statements = statements
  }

  async get(scope: string, id: string): Promise<RemovalRecord | undefined> {
    const row = this.#read(({ get }) => get.get(scope, id))
    return row && readRecord('removal', scope, row)
  }

  async list(
    scope: string,
    { after = '', limit }: { readonly after?: string; readonly limit: number },
  ): Promise<Page<RemovalRecord>> {
    return pageOf('removal', { scope, limit }, async (count) =>
      this.#read(({ list }) => list.all(scope, after, count)),
    )
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly RemovalRow[]> {
    return dueRows({ now, limit, beyond }, async (is, time, count) =>
      this.#read(({ due, dueLater }) => (is === '<=' ? due : dueLater).all(time, count)),
    )
  }

  #read<Result>(read: (statements: SqliteRemovalStatements) => Result): Result {
    const statements = this.#statements()
    try {
      return read(statements)
    } catch (error) {
      throw asStoreError(error)
    }
  }
}
