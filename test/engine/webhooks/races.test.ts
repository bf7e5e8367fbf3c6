import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { readCursor } from '../../../src/engine/webhooks/cursor.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { WebhookRecord } from '../../../src/ports/webhooks.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { addEntry, atRest } from '../host.ts'
import { until } from './hook-server.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

/** The newest delivery of a webhook, as stored. */
async function stored(store: Store, id: string): Promise<WebhookRecord> {
  const [record] = (await store.webhooks.list('default', id, { limit: 1 })).items
  if (record === undefined) throw new Error('There is no delivery.')
  return record
}

/** Writes a delivery as another process does. */
const rewrite = (store: Store, { revision, ...rest }: WebhookRecord): Promise<void> =>
  store.apply('default', [
    { put: 'webhook', record: { ...rest, revision: revision + 1 }, ifRevision: revision },
  ])

describe('webhooks that another process changes at the same time', () => {
  it('are not queued if the last webhook is removed in that moment', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    const behind = store.webhooks.behind.bind(store.webhooks)
    store.webhooks.behind = async (most) => {
      store.webhooks.behind = behind
      const scopes = await behind(most)
      await host.latchkey.webhooks.remove(id)
      return scopes
    }
    await host.deliver()
    expect([host.server.received, host.log.lines]).toEqual([[], []])
  })

  it('are queued by the next turn if a webhook is added in that moment', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeWebhookHost({ store })
    await host.hook()
    await addEntry(host)
    store.before('apply', 1, async () => {
      await host.hook({ url: `${host.server.url}/second` })
    })
    await host.deliver()
    const paths = host.server.received.map(({ path }) => path)
    expect(paths.toSorted()).toEqual(['/hooks', '/hooks/second'])
    expect(host.log.lines).toEqual([])
  })

  it('are not sent if another process has claimed the attempt first', async () => {
    const inner = memoryStore()
    const store = new FailingStore(inner)
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    store.before('apply', 1, async () => {
      const record = await stored(inner, id)
      const nextAt = host.clock.now() + 100_000
      await rewrite(inner, { ...record, content: { ...record.content, nextAt }, dueAt: nextAt })
    })
    await host.deliver()
    expect([store.clear(), host.server.received, host.log.lines]).toEqual([0, [], []])
  })

  it.each<[string, (store: Store, record: WebhookRecord, now: number) => Promise<void>]>([
    [
      'removed the delivery',
      (store, { id, revision }) => store.apply('default', [{ remove: 'webhook', id, ifRevision: revision }]),
    ],
    [
      'started the attempt',
      (store, record, now) => {
        const nextAt = now + 100_000
        const content = { ...record.content, step: 'sendingAttempt', started: 1, nextAt }
        return rewrite(store, { ...record, content, dueAt: nextAt })
      },
    ],
  ])('are not sent if another process has %s', async (_, change) => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    const due = store.webhooks.due.bind(store.webhooks)
    store.webhooks.due = async (...query) => {
      store.webhooks.due = due
      const rows = await due(...query)
      await change(store, await stored(store, id), host.clock.now())
      return rows
    }
    for (let turn = 0; turn < 3; turn++) await host.pass(2_000)
    expect([host.server.received, host.log.lines]).toEqual([[], []])
  })

  it('shows the result of a test whose row another process has given up in the meantime', async () => {
    const place = memoryPlace()
    const host = await makeWebhookHost({ place })
    const { id } = await host.hook()
    host.server.usual = () => {}
    const test = host.latchkey.webhooks.test(id)
    await until(() => host.server.received.length === 1)
    // From here on, the first process stands still.
    const clock = new SimulatedClock()
    clock.set(host.clock.now() + 16_000)
    const other = await host.again({ store: memoryStore(place), clock })
    await other.latchkey.start()
    await other.pass(2_000)
    await until(async () => (await host.deliveries(id))[0]?.state === 'given_up')
    await host.pass(10_000)
    expect(await test).toMatchObject({
      state: 'given_up',
      reason: 'failed',
      attempts: [{ status: null, code: 'timeout' }],
    })
    await other.latchkey.stop()
  })
})

describe('a delivery whose process died', () => {
  it('in the last attempt is given up, and its webhook is off', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    host.server.script(500)
    await addEntry(host)
    await host.deliver()
    const record = await stored(store, id)
    const [attempt] = (await host.deliveries(id)).flatMap(({ attempts }) => attempts)
    const last = { ...attempt, status: null, code: 'interrupted' }
    const nextAt = host.clock.now() + 1_000
    const content = { ...record.content, step: 'sendingAttempt', started: 12, nextAt, attempts: [last] }
    await rewrite(store, { ...record, content, dueAt: nextAt })
    await host.deliver()
    expect(host.server.received).toHaveLength(1)
    expect(await host.deliveries(id)).toMatchObject([
      { state: 'given_up', reason: 'failed', attempts: [{ status: null, code: 'interrupted' }] },
    ])
    const { items } = await host.latchkey.webhooks.list()
    expect(items).toMatchObject([{ state: 'off', reason: 'failed' }])
  })

  it('is sent again with the same id if the result of its attempt could not be written', async () => {
    const store = new FailingStore(memoryStore())
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    store.before('apply', 2, fullDisk)
    await host.pass(2_000)
    await until(() => host.log.lines.length === 1)
    expect(host.log.messages).toEqual(['A delivery of a webhook could not be processed.'])
    await host.pass(16_000)
    await host.pass(2_000)
    await until(async () => (await host.deliveries(id))[0]?.state === 'delivered')
    const ids = host.server.received.map(({ headers }) => headers['webhook-id'])
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
  })
})

describe('a webhook with a damaged row', () => {
  it('receives nothing, and its deliveries are given up', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    await addEntry(host)
    await host.pass(2_000)
    const record = await store.webhooks.get('default', id)
    if (record === undefined) throw new Error('The webhook is missing.')
    await rewrite(store, { ...record, content: { step: 'active' } })
    await host.deliver()
    expect(host.server.received).toEqual([])
    expect(await host.deliveries(id)).toMatchObject([{ state: 'given_up', reason: 'receiver_off' }])
  })
})

describe('Latchkey.stop', () => {
  it('starts no more attempts', async () => {
    const host = await makeWebhookHost()
    await host.hook()
    const open: ServerResponse[] = []
    host.server.usual = (response) => open.push(response)
    for (let at = 0; at < 8; at++) await addEntry(host, { token: `${at}`, account: `${at}` })
    await host.pass(2_000)
    await host.pass(2_000)
    await until(() => open.length === 4)
    const stopped = host.latchkey.stop()
    host.server.usual = (response) => response.writeHead(204).end()
    for (const response of open) response.writeHead(204).end()
    await stopped
    await atRest()
    expect(host.server.received).toHaveLength(4)
  })
})

describe('the events of a whole page of the history', () => {
  it('are sent once', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store })
    const { id } = await host.hook()
    const cursor = await readCursor(store, 'default')
    const rows = async () => (await store.webhooks.history('default', Number(cursor?.position), 99)).rows
    await addEntry(host)
    while ((await rows()).length < 50) await host.latchkey.webhooks.change(id, { enabled: true })
    await host.deliver()
    expect(host.server.types).toEqual(['entry.added'])
    expect((await readCursor(store, 'default'))?.position).toBeGreaterThan(Number(cursor?.position))
  })
})
