import { afterEach, describe, expect, it } from '@jest/globals'
import { nodeNetwork } from '../../src/adapters/node/node-network.ts'
import { createClient, ProblemError } from '../../src/client/index.ts'
import { type Handler, latchkeyHandler } from '../../src/http/index.ts'
import { addEntry, type HostOptions } from '../engine/host.ts'
import { type Received, until, verified } from '../engine/webhooks/hook-server.ts'
import { closeHosts, makeWebhookHost } from '../engine/webhooks/webhook-host.ts'
import { EventReader } from './event-reader.ts'

const handlers: Handler[] = []

afterEach(async () => {
  for (const handler of handlers.splice(0)) handler.close()
  await closeHosts()
})

/** A host with its HTTP handler, and a client that calls it. */
async function served(options: HostOptions = {}) {
  const host = await makeWebhookHost(options)
  const handler = latchkeyHandler(host.latchkey)
  handlers.push(handler)
  const client = createClient({
    url: 'http://127.0.0.1',
    token: () => String(handler.startToken),
    fetch: async (input, init) => handler(new Request(input, init)),
  })
  return { ...host, handler, client }
}

describe('webhooks over HTTP', () => {
  it('are added once for an idempotency key', async () => {
    const { handler, server, latchkey } = await served()
    const add = async (key: string) => {
      const headers = {
        authorization: `Bearer ${handler.startToken}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      }
      const body = JSON.stringify({ url: server.url })
      const answer = await handler(
        new Request('http://127.0.0.1/webhooks', { method: 'POST', headers, body }),
      )
      return [answer.status, await answer.json()]
    }
    const first = await add('key-1')
    expect(first).toMatchObject([201, { secret: expect.stringMatching(/^whsec_/) }])
    expect(await add('key-1')).toEqual(first)
    await add('key-2')
    expect((await latchkey.webhooks.list()).items).toHaveLength(2)
  })

  it('are added, tested, changed, rotated, logged and removed with the client', async () => {
    const { client, server, latchkey } = await served()
    const { webhooks } = client
    const { webhook, secret } = await webhooks.add({ url: server.url, tags: { tenant: 't' } })
    expect(await webhooks.list()).toEqual({ items: [webhook], unreadable: [] })
    const { webhookId: id } = webhook
    const delivery = await webhooks.test(id)
    expect(delivery).toMatchObject({ type: 'webhook.test', state: 'delivered' })
    expect(verified(server.received[0] as Received, secret)).toBe(true)
    const rotated = await webhooks.rotateSecret(id)
    expect(rotated.secret).not.toBe(secret)
    expect(rotated.webhook.rotatedUntil).toEqual(expect.any(Number))
    expect(await webhooks.deliveries(id, { limit: 5 })).toEqual({ items: [delivery], next: null })
    const changed = await webhooks.change(id, { enabled: false, events: ['entry.removed'] })
    expect(changed).toMatchObject({ state: 'off', reason: 'turned_off', events: ['entry.removed'] })
    await webhooks.remove(id)
    expect(await webhooks.list()).toEqual({ items: [], unreadable: [] })
    const lost = await webhooks.test(id).catch((error: unknown) => error)
    expect(lost).toBeInstanceOf(ProblemError)
    expect(lost).toMatchObject({ problem: { status: 404 } })
    expect((await latchkey.webhooks.list()).items).toEqual([])
  })

  it('name the invalid member', async () => {
    const { client } = await served({ network: nodeNetwork({ allow: 'public' }) })
    const problemOf = async (work: Promise<unknown>) =>
      ((await work.catch((error: unknown) => error)) as ProblemError).problem
    expect(await problemOf(client.webhooks.add({ url: 'http://hooks.example/' }))).toMatchObject({
      status: 422,
      code: 'INVALID_INPUT',
      pointers: ['/url'],
    })
    expect(await problemOf(client.webhooks.add({ url: 'https://10.0.0.1/' }))).toMatchObject({
      status: 422,
      code: 'ADDRESS_REFUSED',
      pointers: ['/url'],
    })
  })

  it('are limited to ten', async () => {
    const { client, server } = await served()
    for (let at = 0; at < 10; at++) await client.webhooks.add({ url: server.url })
    const refused = await client.webhooks.add({ url: server.url }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ problem: { status: 409, code: 'TOO_MANY_WEBHOOKS' } })
  })

  it('that are turned off appear in the stream, and leave it when they are turned on', async () => {
    const host = await served()
    const { client, server, handler, latchkey } = host
    const { webhook } = await client.webhooks.add({ url: server.url })
    const { webhookId } = webhook
    await using stream = await EventReader.to({ handler })
    server.script(410)
    await addEntry({ latchkey, service: host.service })
    await host.deliver()
    const { data } = await stream.until('attention', (event) => event.webhookId === webhookId)
    expect(data).toMatchObject({ entryId: null, item: { webhookId, reason: 'webhook_off' } })
    const seen: number[] = []
    const leave = client.subscribe(() => seen.push(client.getState().attention.size))
    await until(() => client.getState().attention.has(`webhook:${webhookId}`))
    await client.webhooks.change(webhookId, { enabled: true })
    const gone = await stream.until('attention', (event) => event.item === null)
    expect(gone.data).toEqual({ entryId: null, webhookId, item: null })
    await until(() => client.getState().attention.size === 0)
    leave()
  })
})
