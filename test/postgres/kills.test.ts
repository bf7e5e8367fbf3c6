import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createLatchkey, type Store } from '../../src/index.ts'
import { CrashPlace } from '../crash/crash-place.ts'
import { openStoreAt } from '../crash/store-at.ts'
import { randomFrom } from '../stories/random-stops.ts'
import { checkPromises } from './load-check.ts'
import { LoadHosts } from './load-hosts.ts'
import { loadIntegration, loginFor } from './load-integration.ts'

const PROCESSES = 4
const ENTRIES = 20
/** The number of killed processes: 500 in the long run. */
const KILLS = Number(process.env.KILLS ?? 12)
const SEED = Number(process.env.SEED ?? 1)
const random = randomFrom(SEED)
const place = new CrashPlace()
beforeAll(() => place.prepare())
afterAll(() => place.clear())
let hosts: LoadHosts | undefined
afterEach(() => hosts?.clear())

/** Links the accounts that processes under load repair. */
async function prepare(path: string): Promise<void> {
  const { flows, stop } = await createLatchkey({
    integrations: [loadIntegration(random)],
    store: openStoreAt(path),
  })
  for (let at = 0; at < ENTRIES; at++) {
    const form = await flows.start({ domain: 'load', source: 'user' })
    await flows.submit(form.flowId, loginFor(`account-${at}`, 'first'), form)
  }
  await stop()
}

describe('four processes under load', () => {
  it(`keep every promise when ${KILLS} of them are killed`, async () => {
    const path = place.copy('empty')
    await prepare(path)
    hosts = new LoadHosts(path, SEED * 1_000)
    await hosts.start(PROCESSES)
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, random() * 200))
      await hosts.kill(Math.floor(random() * PROCESSES))
    }
    expect(await hosts.stop()).toEqual([0, 0, 0, 0])
    expect(hosts.printed).toEqual([])
    const store: Store = openStoreAt(path)
    await store.open()
    await checkPromises(store, hosts.told)
    const counts = Object.entries(Object.groupBy(hosts.told, (t) => ('code' in t ? t.code : t.type))).map(
      ([k, v]) => [k, v?.length],
    )
    console.log(counts)
    await store.close()
  })
})
