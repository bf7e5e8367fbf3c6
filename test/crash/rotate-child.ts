/** Rotates the keys of a database and kills itself on the way: `node rotate-child.ts <path> <story> <series> <number>`. */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { KillCounter, type Series } from './kill-counter.ts'

const [path = '', , series = '', number = '0'] = process.argv.slice(2)
const kills = new KillCounter(Number(number))
const store = kills.watch(sqliteStore(path), series as Series)
const latchkey = await createLatchkey({ integrations: [], store })
kills.armed = true
await latchkey.keys.rotate()
kills.armed = false
await latchkey.stop()
console.log(kills.count)
