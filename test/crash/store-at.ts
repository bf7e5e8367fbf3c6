import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../src/index.ts'

/** Returns the store at a place that a test passes to its processes: the path of a SQLite database. */
export function openStoreAt(place: string): Store {
  return sqliteStore(place)
}
