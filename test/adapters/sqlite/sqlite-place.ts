import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type SqliteStoreOptions, sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../../src/ports/store.ts'

/** A folder for the databases of a test file. Its stores are closed and its files removed at the end. */
export function sqlitePlace() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  const stores: Store[] = []
  let count = 0
  return {
    path: () => join(folder, `${++count}.db`),
    /** An open store. */
    async open(path: string, options?: SqliteStoreOptions): Promise<Store> {
      const store = sqliteStore(path, options)
      stores.push(store)
      await store.open()
      return store
    },
    /** Runs SQL on a database from outside of the store. */
    sql(path: string, text: string): unknown[] {
      const database = new DatabaseSync(path)
      try {
        return database.prepare(text).all()
      } finally {
        database.close()
      }
    },
    async clear(): Promise<void> {
      await Promise.all(stores.map((store) => store.close()))
      rmSync(folder, { recursive: true })
    },
  }
}
