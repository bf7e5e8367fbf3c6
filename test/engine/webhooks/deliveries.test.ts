import { afterEach, describe, expect, it } from '@jest/globals'
import { addEntry } from '../host.ts'
import { until, verified } from './hook-server.ts'
import { closeHosts, makeWebhookHost, type WebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

const DAY = 24 * 3_600_000

/** Lets a day pass in steps: each attempt that falls due is made. */
async function passDay(host: WebhookHost): Promise<void> {
  for (let step = 0; step < 48; step++) {
    await host.pass(DAY / 40)
    await host.deliver()
  }
}

const webhookOf = async (host: WebhookHost) => (await host.latchkey.webhooks.list()).items[0]

describe('a delivery', () => {
  it('is repeated with the same id and body until the receiver accepts it', async () => {
    const host = await makeWebhookHost()
    const { id, secret } = await host.hook()
    host.server.script(500, 404, 200)
    await addEntry(host)
    await host.deliver()
    expect(await webhookOf(host)).toMatchObject({ state: 'failing', reason: null })
    for (const wait of [5_000, 30_000]) {
      await host.pass(wait)
      await host.deliver()
    }
    const { received } = host.server
    expect(received).toHaveLength(3)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3)
    expect(received.every((request) => verified(request, secret))).toBe(true)
    const [delivery] = await host.deliveries(id)
    expect(delivery).toMatchObject({
      deliveryId: received[0]?.headers['webhook-id'],
      state: 'delivered',
      nextAt: null,
    })
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 404, 200])
    expect(await webhookOf(host)).toMatchObject({ state: 'active' })
  })

  it('is given up after twelve attempts within a day, and the webhook is off', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const changes: unknown[] = []
    host.latchkey.on('webhook_changed', (event) => changes.push(event))
    const announced: unknown[] = []
    for (const type of ['attention_added', 'attention_removed'] as const)
      host.latchkey.on(type, ({ item }) => announced.push([type, item.webhookId, item.reason]))
    host.server.usual = (response) => response.writeHead(503).end()
    const started = host.clock.now()
    await addEntry(host)
    await host.deliver()
    await passDay(host)
    expect(host.server.received).toHaveLength(12)
    const [delivery] = await host.deliveries(id)
    expect(delivery).toMatchObject({ state: 'given_up', reason: 'failed', nextAt: null })
    expect(Number(delivery?.attempts.at(-1)?.at) - started).toBeGreaterThan(0.8 * DAY)
    expect(await webhookOf(host)).toMatchObject({ state: 'off', reason: 'failed' })
    expect(changes).toEqual([{ scope: 'default', webhookId: id }])
    const history = await host.store.readAudit('default', null, { limit: 99 })
    expect(history.items).toContainEqual(expect.objectContaining({ kind: 'webhook_off', code: id }))
    expect(host.log.lines).toContainEqual({
      level: 'warn',
      message: 'A webhook was turned off.',
      fields: { scope: 'default', webhookId: id, code: 'failed' },
    })
    const { attention } = host.latchkey
    expect(await attention.list()).toEqual([
      {
        scope: 'default',
        entryId: null,
        webhookId: id,
        title: `127.0.0.1:${host.server.port}`,
        reason: 'webhook_off',
        text: expect.stringContaining(`No more events are sent to 127.0.0.1:${host.server.port}`),
        language: 'en',
        since: expect.any(Number),
        flowId: null,
      },
    ])
    expect(await attention.ofWebhook(id, { language: 'de' })).toMatchObject({ language: 'de' })
    // No further event is sent, until a user turns it on.
    await addEntry(host, { token: 'b', account: 'bob' })
    await host.deliver()
    expect(host.server.received).toHaveLength(12)
    host.server.usual = (response) => response.writeHead(204).end()
    await host.latchkey.webhooks.change(id, { enabled: true })
    expect([await attention.list(), await attention.ofWebhook(id)]).toEqual([[], null])
    await addEntry(host, { token: 'c', account: 'cleo' })
    await host.deliver()
    expect(host.server.received).toHaveLength(13)
    expect(await webhookOf(host)).toMatchObject({ state: 'active', reason: null })
    expect(announced).toEqual([
      ['attention_added', id, 'webhook_off'],
      ['attention_removed', id, 'webhook_off'],
    ])
  }, 30_000)

  it('ends at once if the receiver answers 410', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    host.server.usual = (response) => response.writeHead(410).end()
    await addEntry(host)
    await addEntry(host, { token: 'b', account: 'bob' })
    await host.deliver()
    const ended = await host.deliveries(id)
    expect(ended.map(({ state }) => state)).toEqual(['given_up', 'given_up'])
    expect(ended.map(({ reason }) => reason)).toContain('gone')
    expect(await webhookOf(host)).toMatchObject({ state: 'off', reason: 'gone' })
  })

  it.each([
    ['in seconds', () => '120'],
    ['as a date', (now: number) => new Date(now + 120_000).toUTCString()],
  ])('waits as long as Retry-After demands %s', async (_, header) => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const now = host.clock.now()
    host.server.script({ status: 429, headers: { 'retry-after': header(now + 4_000) } })
    await addEntry(host)
    await host.deliver()
    const [delivery] = await host.deliveries(id)
    expect(delivery?.attempts).toEqual([{ at: expect.any(Number), status: 429, code: null }])
    expect(Number(delivery?.nextAt) - now).toBeGreaterThan(115_000)
    await host.pass(60_000)
    await host.deliver()
    expect(host.server.received).toHaveLength(1)
    await host.pass(60_000)
    await host.deliver()
    expect(host.server.received).toHaveLength(2)
  })

  it.each(['soon', '-5', '99999999999999999999', 'Thu, 01 Jan 9999 00:00:00 GMT'])(
    'waits no longer than ten hours if Retry-After is %s',
    async (value) => {
      const host = await makeWebhookHost()
      const { id } = await host.hook()
      host.server.script({ status: 503, headers: { 'retry-after': value } })
      await addEntry(host)
      await host.pass(2_000)
      await host.pass(2_000)
      await until(async () => (await host.deliveries(id))[0]?.state === 'waiting')
      const [delivery] = await host.deliveries(id)
      expect(Number(delivery?.nextAt) - host.clock.now()).toBeLessThanOrEqual(10 * 3_600_000)
    },
  )

  it('is dropped if its webhook is removed or turned off', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const { id: removed } = await host.hook({ url: `${host.server.url}/removed` })
    host.server.usual = (response) => response.writeHead(500).end()
    await addEntry(host)
    await host.deliver()
    const tried = host.server.received.length
    await host.latchkey.webhooks.change(id, { enabled: false })
    await host.latchkey.webhooks.remove(removed)
    await host.pass(60_000)
    await host.deliver()
    expect(host.server.received).toHaveLength(tried)
    expect(await host.deliveries(id)).toMatchObject([{ state: 'given_up', reason: 'receiver_off' }])
    expect(await webhookOf(host)).toMatchObject({ state: 'off', reason: 'turned_off' })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('leaves the log seven days after its end, also that of a removed webhook', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const { id: removed } = await host.hook({ url: `${host.server.url}/removed` })
    await addEntry(host)
    await host.deliver()
    await host.latchkey.webhooks.remove(removed)
    await host.pass(7 * DAY - 60_000)
    expect(await host.deliveries(id)).toHaveLength(1)
    await host.pass(60_000)
    await host.deliver()
    expect(await host.deliveries(id)).toEqual([])
    const rest = await host.store.webhooks.list('default', removed, { limit: 9 })
    expect(rest.items).toEqual([])
  })

  it('is sent although its time was written while the clock was wrong', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    host.server.script(500)
    await addEntry(host)
    await host.deliver()
    // A year later the clock is set right.
    const [record] = (await host.store.webhooks.list('default', id, { limit: 1 })).items
    if (record === undefined) throw new Error('There is no delivery.')
    const ahead = host.clock.now() + 365 * DAY
    const content = { ...record.content, nextAt: ahead }
    await host.store.apply('default', [
      {
        put: 'webhook',
        record: { ...record, content, dueAt: ahead, revision: record.revision + 1 },
        ifRevision: record.revision,
      },
    ])
    await host.deliver()
    expect(host.server.received).toHaveLength(2)
  })

  it('with a damaged row is removed, and does not stop the others', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const damaged = {
      scope: 'default',
      id: 'msg_damaged',
      list: id,
      content: { step: 'waiting' },
      dueAt: 1,
      revision: 1,
    }
    await host.store.apply('default', [{ put: 'webhook', record: damaged, ifRevision: 0 }])
    await addEntry(host)
    await host.deliver()
    expect(await host.deliveries(id)).toMatchObject([{ state: 'delivered' }])
    expect(host.log.messages).toContain('A damaged delivery of a webhook was removed.')
  })
})

describe('deliveries to a slow receiver', () => {
  it('do not delay those to others', async () => {
    const host = await makeWebhookHost()
    const slow = await makeWebhookHost()
    await host.latchkey.scope('slow').webhooks.add({ url: slow.server.url })
    const { id } = await host.hook()
    slow.server.usual = () => {}
    for (let at = 0; at < 30; at++) {
      await addEntry(
        { latchkey: host.latchkey.scope('slow'), service: host.service },
        { token: `${at}`, account: `${at}` },
      )
    }
    await host.pass(2_000)
    await host.pass(2_000)
    await until(() => slow.server.received.length === 4)
    await addEntry(host)
    await host.pass(10_000)
    await host.pass(2_000)
    await until(async () => (await host.deliveries(id))[0]?.state === 'delivered')
    // The rest waits for the receiver, and is not lost.
    expect(slow.server.received.length).toBeLessThanOrEqual(8)
    slow.server.usual = (response) => response.writeHead(204).end()
    for (let turn = 0; turn < 8; turn++) {
      await host.pass(20_000)
      await host.deliver()
    }
    const accepted = new Set(slow.server.received.map(({ headers }) => headers['webhook-id']))
    expect(accepted.size).toBe(30)
  }, 30_000)
})
