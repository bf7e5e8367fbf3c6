/**
 * Links an account with a form before its sign-in and a choice after it, and kills itself on the way:
 * `node sign-in-child.ts <path> <folder> <series> <number>`. Without a kill it prints how many points it came by.
 */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { KillCounter, type Series } from './kill-counter.ts'
import { KilledShop } from './killed-shop.ts'

const [path = '', folder = '', series = '', number = '0'] = process.argv.slice(2)
const kills = new KillCounter(Number(number))
const shop = new KilledShop(folder, path)
const store = kills.watch(sqliteStore(path), series as Series)
const latchkey = await createLatchkey({ integrations: [shop.integration], store })
kills.armed = true
await shop.link(latchkey, await latchkey.flows.start({ domain: 'shop', source: 'user' }))
kills.armed = false
await latchkey.stop()
console.log(kills.count)
