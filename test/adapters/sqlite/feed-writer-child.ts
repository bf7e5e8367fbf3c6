import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'

/** A process that writes entries with its name to a database, and prints `done`. */
const [path = '', name = '', count = '1'] = process.argv.slice(2)
const store = sqliteStore(path, { busyTimeout: 60_000 })
await store.open()
for (let number = 0; number < Number(count); number++) {
  const entryId = `${name}-${number}`
  await write(store, put(entryRecord({ entryId, uniqueId: entryId })))
}
await store.close()
console.log('done')
