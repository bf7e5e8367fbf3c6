import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Migrations } from '../../ports/store.ts'
import { allMigrations, pendingMigrations } from './schema.ts'

/** Returns the migrations that the next opening of a database file makes. Does not change or create it. */
export async function readMigrations(path: string): Promise<Migrations> {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0)
    return { isNew: true, pending: allMigrations }
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  try {
    return { isNew: false, pending: await pendingMigrations(database) }
  } finally {
    database.close()
  }
}
