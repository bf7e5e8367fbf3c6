import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase } from 'kysely'

/** Adapts `node:sqlite` to Kysely's `SqliteDialect`. */
export function forKysely(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => {},
    prepare(text) {
      const statement = database.prepare(text)
      const spread = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...spread(parameters)),
        run: (parameters) => statement.run(...spread(parameters)),
        iterate: (parameters) => statement.iterate(...spread(parameters)),
      }
    },
  }
}
