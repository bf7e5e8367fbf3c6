import type { DatabaseSync } from 'node:sqlite'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteSchema } from './schema.ts'

/** What a statement takes in place of its parameters. */
export type SqliteValue = string | number | null

/** A statement, compiled by Kysely once and prepared. Values go in the order in which the query names them. */
export interface Prepared<Row> {
  all(...values: readonly SqliteValue[]): Row[]
  get(...values: readonly SqliteValue[]): Row | undefined
  iterate(...values: readonly SqliteValue[]): Iterable<Row>
  /** Runs it, and says how many rows it changed. */
  run(...values: readonly SqliteValue[]): number
}

/** Builds queries; it has no database and runs none. */
export function sqliteQueries(): Kysely<SqliteSchema> {
  return new Kysely<SqliteSchema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

/** Prepares a query. Kysely knows the type of its rows; the one cast from the driver's own is here. */
export function prepare<Row>(database: DatabaseSync, query: Compilable<Row>): Prepared<Row> {
  const statement = database.prepare(query.compile().sql)
  return {
    // Copied, because the driver's arrays are of another realm where the host runs in a vm, as tests in jest do.
    all: (...values) => [...(statement.all(...values) as Row[])],
    get: (...values) => statement.get(...values) as Row | undefined,
    iterate: (...values) => statement.iterate(...values) as Iterable<Row>,
    run: (...values) => Number(statement.run(...values).changes),
  }
}
