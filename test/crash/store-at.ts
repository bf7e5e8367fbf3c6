import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { joseCipher, type Store } from '../../src/index.ts'

/** The key of the tests in PostgreSQL. All processes have the same. */
const key = new Uint8Array(32).fill(7)

/** Returns the store at a place that a test passes to its processes: the URL of a PostgreSQL database, or a path. */
export function openStoreAt(place: string): Store {
  if (!place.startsWith('postgres:')) return sqliteStore(place)
  // Few connections, because the tests run many processes on one server.
  return Object.assign(postgresStore(place, { connections: 4 }), { cipher: joseCipher([key]) })
}
