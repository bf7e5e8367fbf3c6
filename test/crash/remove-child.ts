/**
 * Removes an entry and kills itself on the way, also while the integration informs its service:
 * `node remove-child.ts <store> <folder> <series> <number>`. Without a kill it prints how many points it came by.
 */
import { createLatchkey } from '../../src/index.ts'
import { InformedService } from './informed-service.ts'
import { KillCounter, type Series } from './kill-counter.ts'
import { openStoreAt } from './store-at.ts'

const [place = '', folder = '', series = '', number = '0'] = process.argv.slice(2)
const kills = new KillCounter(Number(number))
const { integration } = new InformedService(folder, place, () => kills.pass())
const store = kills.watch(openStoreAt(place), series as Series)
const { entries, stop } = await createLatchkey({ integrations: [integration], store, connect: 'lazy' })
const [entry] = (await entries.list()).items
kills.armed = true
await entries.remove(entry?.entryId ?? '')
// The host does not wait for the service.
while ((await store.removals.list('default', { limit: 1 })).items.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 5))
kills.armed = false
await stop()
console.log(kills.count)
