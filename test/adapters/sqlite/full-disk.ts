/**
 * Writes three transactions in one turn under a file size limit that the one in the middle does not fit, then one
 * more, and prints how each ended: `ulimit -S -f 600; node full-disk.ts <path>`.
 */
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'

// Without a listener the signal ends the process; with one, the write fails as on a full disk.
process.on('SIGXFSZ', () => {})

const store = sqliteStore(process.argv[2] ?? '')
await store.open()
const named = (entryId: string, size: number) =>
  write(store, put(entryRecord({ entryId, title: 'x'.repeat(size) })))
const together = await Promise.allSettled([named('one', 9), named('large', 700_000), named('two', 9)])
const after = await Promise.allSettled([named('three', 9)])
const { items } = await store.findEntries('home', { limit: 9 })
const ends = [...together, ...after].map((end) =>
  end.status === 'fulfilled' ? 'written' : [end.reason.code, typeof end.reason.cause.errcode],
)
console.log(JSON.stringify({ ends, ids: items.map(({ entryId }) => entryId) }))
