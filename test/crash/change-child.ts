/**
 * Makes a change in a SQLite file and kills itself on the way:
 * `node change-child.ts <path> <change> <series> <number>`. Without a kill it prints how many points it came by.
 */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { type Change, changes, partsOf } from './changes.ts'
import { KillCounter, type Series } from './kill-counter.ts'

const [path = '', name = '', series = '', number = '0'] = process.argv.slice(2)
const change: Change = changes[name as keyof typeof changes]
const { service, integration } = partsOf(change)
const kills = new KillCounter(Number(number))
const store = kills.watch(sqliteStore(path), series as Series)
const latchkey = await createLatchkey({ integrations: [integration], store })
if (name !== 'migration') await latchkey.start()
kills.armed = true
await change.play({ latchkey, service })
kills.armed = false
await latchkey.stop()
console.log(kills.count)
