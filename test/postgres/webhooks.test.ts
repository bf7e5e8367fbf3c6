import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { createLatchkey } from '../../src/index.ts'
import { startChild } from '../crash/child.ts'
import { openStoreAt } from '../crash/store-at.ts'
import { cert, key } from '../engine/webhooks/certificate.ts'
import { HookServer, verified } from '../engine/webhooks/hook-server.ts'
import { localNetwork } from '../engine/webhooks/local-network.ts'
import { loadIntegration, loginFor } from './load-integration.ts'
import { postgresPlace } from './postgres-place.ts'

const place = postgresPlace()
const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
afterAll(place.clear)

/** Waits until a condition holds, on the real clock. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** A database, a host without tasks that changes it, and the processes that deliver its webhooks. */
async function world() {
  const database = (await place.database()).url()
  const network = localNetwork()
  const latchkey = await createLatchkey({
    integrations: [loadIntegration(Math.random)],
    store: openStoreAt(database),
    network,
  })
  open.push(
    () => network.close(),
    () => latchkey.stop(),
  )
  const { flows, webhooks } = latchkey
  return {
    latchkey,
    /** Starts a process whose clock is ahead, and waits until it works. */
    async process(ahead = 0): Promise<ChildProcess> {
      const child = await startChild('webhooks-child', database, String(ahead))
      open.push(() => child.kill('SIGKILL'))
      await once(child, 'message')
      return child
    },
    /** Adds a webhook to a new HTTPS server. */
    async receiver() {
      const server = await new HookServer({ key, cert }).open()
      open.push(() => server.close())
      const { port } = server
      const { webhook, secret } = await webhooks.add({ url: `https://hooks.example:${port}/` })
      const { webhookId } = webhook
      const deliveries = async () => (await webhooks.deliveries(webhookId, { limit: 1_000 })).items
      const ids = () => server.received.map(({ headers }) => String(headers['webhook-id']))
      return { server, webhookId, secret, deliveries, ids }
    },
    async add(account: string): Promise<void> {
      const form = await flows.start({ domain: 'load', source: 'user' })
      const view = await flows.submit(form.flowId, loginFor(account, '1'), form)
      expect(view.type).toBe('create_entry')
    },
  }
}

describe('the webhooks of two processes on one PostgreSQL', () => {
  it('are delivered once to each receiver', async () => {
    const { process, receiver, add } = await world()
    const receivers = [await receiver(), await receiver()]
    await Promise.all([process(), process()])
    const accounts = Array.from({ length: 20 }, (_, at) => `account-${at}`)
    await Promise.all(accounts.map(add))
    for (const { server, secret, deliveries, ids } of receivers) {
      await until(async () => {
        const all = await deliveries()
        return all.length === accounts.length && all.every(({ state }) => state === 'delivered')
      })
      expect((await deliveries()).flatMap(({ attempts }) => attempts).length).toBe(accounts.length)
      expect(new Set(ids()).size).toBe(accounts.length)
      expect(ids()).toHaveLength(accounts.length)
      expect(server.payloads.map(({ data }) => data.title).sort()).toEqual(accounts.toSorted())
      expect(server.received.every((one) => verified(one, secret))).toBe(true)
    }
  })

  it('are sent again with the same id by the other process if one is killed in an attempt', async () => {
    const { process, receiver, add } = await world()
    const { server, deliveries, ids } = await receiver()
    server.script(() => {})
    const first = await process()
    await add('account-1')
    await until(() => server.received.length === 1)
    first.kill('SIGKILL')
    await add('account-2')
    const killedAt = Date.now()
    await process()
    await until(async () => {
      const all = await deliveries()
      return all.length === 2 && all.every(({ state }) => state === 'delivered')
    })
    expect(Date.now() - killedAt).toBeLessThan(30_000)
    const [lost, ...others] = server.received
    const again = others.find(({ headers }) => headers['webhook-id'] === lost?.headers['webhook-id'])
    expect(again?.body).toBe(lost?.body)
    expect(again?.headers['webhook-timestamp']).not.toBe(lost?.headers['webhook-timestamp'])
    expect(ids()).toHaveLength(3)
    expect(new Set(ids()).size).toBe(2)
    const attempts = (await deliveries()).map((one) => one.attempts.map(({ code }) => code))
    expect(attempts).toEqual([[null], ['interrupted', null]])
  })

  it('are not sent again by a process whose clock is ahead, while another one sends them', async () => {
    setDefaultCACertificates([cert])
    const { latchkey, process, receiver, add } = await world()
    const { server, webhookId, deliveries, ids } = await receiver()
    await process(101_000)
    const held: ServerResponse[] = []
    server.script((response) => held.push(response))
    const test = latchkey.webhooks.test(webhookId)
    await until(() => server.received.length === 1)
    // The process has seen all due deliveries once it has sent a later one.
    await add('account-1')
    await until(() => server.received.length === 2)
    held[0]?.writeHead(204).end()
    expect(await test).toMatchObject({ state: 'delivered', attempts: [{ status: 204 }] })
    await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'))
    expect(new Set(ids()).size).toBe(2)
  })
})
