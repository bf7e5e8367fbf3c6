import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { PostgresSchema } from './schema.ts'

/** Returns a query builder without a database. */
export function postgresQueries(schema: string): Kysely<PostgresSchema> {
  const db = new Kysely<PostgresSchema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return db.withSchema(schema)
}
