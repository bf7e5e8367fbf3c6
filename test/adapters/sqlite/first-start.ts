/** Opens a store in a separate process, seals one value and writes one row: `node first-start.ts <path> <name>`. */
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'

const [path = '', name = ''] = process.argv.slice(2)
const store = sqliteStore(path)
await store.open()
const context = {
  purpose: 'entry',
  scope: 'home',
  id: name,
  domain: 'hub',
  uniqueId: null,
  data: {},
} as const
const sealed = (await store.cipher?.seal(`token of ${name}`, context)) ?? ''
await write(store, put(entryRecord({ entryId: name, sealed })))
await store.close()
