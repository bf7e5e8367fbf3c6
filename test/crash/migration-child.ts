/**
 * Starts the second version of an integration on many entries of the first, and kills itself at a statement:
 * `node migration-child.ts <path> <entries> <number> <away>`. Without a kill it prints the state of the entries.
 */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { KillCounter } from './kill-counter.ts'
import { integrationOfMany } from './many-entries.ts'

const [path = '', entries = '', number = '', away = ''] = process.argv.slice(2)
const kills = new KillCounter(Number(number), true)
const store = kills.watch(sqliteStore(path), 'statement')
const integration = integrationOfMany(Number(entries), away === 'away')
const latchkey = await createLatchkey({ integrations: [integration], store })
const states: Record<string, number> = {}
latchkey.on('entry_loaded', () => {
  states.loaded = (states.loaded ?? 0) + 1
})
kills.armed = true
await latchkey.start()
kills.armed = false
await latchkey.stop()
console.log(JSON.stringify({ ...states, statements: kills.count }))
