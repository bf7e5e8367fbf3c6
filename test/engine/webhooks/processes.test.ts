import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { sqlitePlace } from '../../adapters/sqlite/sqlite-place.ts'
import { addEntry, atRest, type Host } from '../host.ts'
import { until } from './hook-server.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

const others: Host[] = []
const files = sqlitePlace()

afterEach(async () => {
  for (const { latchkey } of others.splice(0)) await latchkey.stop()
  await closeHosts()
})

afterAll(() => files.clear())

/** Starts a second process with its own clock on the same rows. */
async function second(host: Host, store: Store): Promise<Host> {
  const clock = new SimulatedClock()
  clock.set(host.clock.now())
  const other = await host.again({ store, clock })
  others.push(other)
  await other.latchkey.start()
  return other
}

const places: [string, () => () => Store][] = [
  [
    'memoryStore',
    () => {
      const place = memoryPlace()
      return () => memoryStore(place)
    },
  ],
  [
    'sqliteStore',
    () => {
      const path = files.path()
      return () => sqliteStore(path)
    },
  ],
]

describe.each(places)('the webhooks of two processes (%s)', (_, make) => {
  it('are sent once', async () => {
    const open = make()
    const host = await makeWebhookHost({ store: open() })
    const { id } = await host.hook()
    const other = await second(host, open())
    for (let at = 0; at < 20; at++) await addEntry(host, { token: `${at}`, account: `${at}` })
    for (let turn = 0; turn < 4; turn++) await Promise.all([host.pass(2_000), other.pass(2_000)])
    await until(async () => (await host.deliveries(id)).every(({ state }) => state === 'delivered'))
    const ids = host.server.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toHaveLength(20)
    expect(new Set(ids).size).toBe(20)
  })

  it('are not sent by a process while another one sends them', async () => {
    const store = make()()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    const [delivery] = await host.deliveries(id)
    const name = { scope: 'default', kind: 'delivery', id: delivery?.deliveryId ?? '' } as const
    await store.leases.claim(name, { holder: 'another', ms: 15_000, now: host.clock.now() })
    await host.deliver()
    expect(host.server.received).toEqual([])
    await host.pass(15_000)
    await host.deliver()
    expect(host.server.received).toHaveLength(1)
  })

  it('are sent again by another process if one dies, and the first one writes nothing when it continues', async () => {
    const open = make()
    const host = await makeWebhookHost({ store: open() })
    const { id } = await host.hook()
    await addEntry(host)
    host.server.script(() => {})
    await host.pass(2_000)
    await host.pass(2_000)
    await until(() => host.server.received.length === 1)
    // From here on, the first process stands still.
    const other = await second(host, open())
    await other.pass(14_000)
    expect(host.server.received).toHaveLength(1)
    await other.pass(4_000)
    await until(() => host.server.received.length === 2)
    await until(async () => (await host.deliveries(id))[0]?.state === 'delivered')
    const [first, again] = host.server.received
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(again?.body).toBe(first?.body)
    await host.pass(10_000)
    await atRest()
    expect(await host.deliveries(id)).toMatchObject([
      {
        state: 'delivered',
        attempts: [
          { status: null, code: 'interrupted' },
          { status: 204, code: null },
        ],
      },
    ])
    expect((await host.latchkey.webhooks.list()).items).toMatchObject([{ state: 'active' }])
  })
})
