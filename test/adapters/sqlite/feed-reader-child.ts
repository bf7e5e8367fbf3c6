import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'

/** A process that reads the feed of a database as it is notified, and prints the ids of the entries. */
const [path = ''] = process.argv.slice(2)
const store = sqliteStore(path, { busyTimeout: 60_000 })
await store.open()
let since = await store.feed.head('home')
let reading = Promise.resolve()
store.feed.listen?.(() => {
  reading = reading.then(async () => {
    const { seq, entryIds, reset } = await store.feed.read('home', since)
    since = seq
    for (const id of reset ? ['reset'] : entryIds) console.log(id)
  })
})
// The timer of the feed does not keep the process.
setInterval(() => {}, 1_000)
console.log('ready')
