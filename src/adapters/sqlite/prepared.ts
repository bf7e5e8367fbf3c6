import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteSchema } from './schema.ts'

/** A parameter of a statement. */
export type SqliteValue = string | number | null

/** A prepared statement, compiled by Kysely. Pass the values in the order of the query's parameters. */
export interface Prepared<Row> {
  all(...values: readonly SqliteValue[]): Row[]
  get(...values: readonly SqliteValue[]): Row | undefined
  iterate(...values: readonly SqliteValue[]): Iterable<Row>
  /** Runs the statement and returns the number of changed rows. */
  run(...values: readonly SqliteValue[]): number
}

/** Returns a query builder without a database. */
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

/**
 * Prepares a query at its first use, with the row type that Kysely infers. Contains the only cast from the driver's
 * type.
 */
export function prepare<Row>(database: DatabaseSync, query: Compilable<Row>): Prepared<Row> {
  let prepared: StatementSync | undefined
  const statement = () => {
    prepared ??= database.prepare(query.compile().sql)
    return prepared
  }
  return {
    // Copied, because the driver's arrays belong to another realm if the host runs in a vm, as in jest.
    all: (...values) => [...(statement().all(...values) as Row[])],
    get: (...values) => statement().get(...values) as Row | undefined,
    iterate: (...values) => statement().iterate(...values) as Iterable<Row>,
    run: (...values) => Number(statement().run(...values).changes),
  }
}
