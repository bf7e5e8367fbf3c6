import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { addEntry } from '../host.ts'
import { cert, key } from './certificate.ts'
import { HookServer, until, verified } from './hook-server.ts'
import { localNetwork } from './local-network.ts'
import { closeHosts, makeWebhookHost, type WebhookHost } from './webhook-host.ts'

const known = getCACertificates('default')
const open: { close(): Promise<void> }[] = []

beforeAll(() => setDefaultCACertificates([...known, cert]))
afterAll(() => setDefaultCACertificates(known))
afterEach(async () => {
  await closeHosts()
  for (const one of open.splice(0)) await one.close()
})

/** A host that refuses addresses without encryption, an HTTPS server, and a webhook to it. */
async function withHttps(name: string) {
  const server = await new HookServer({ key, cert }).open()
  const network = localNetwork()
  open.push(network, server)
  const host = await makeWebhookHost({ network })
  const hook = await host.hook({ url: `https://${name}:${server.port}/hooks` })
  return { host, server, ...hook }
}

/** Queues an event, and waits for its first attempt. */
async function attempt(host: WebhookHost, id: string) {
  await addEntry(host)
  await host.pass(2_000)
  await host.pass(2_000)
  const last = async () => (await host.deliveries(id))[0]
  await until(async () => ['waiting', 'delivered'].includes(String((await last())?.state)))
  return last()
}

describe('a webhook with an HTTPS address', () => {
  it.each(['hooks.example', '127.0.0.1'])('is delivered to %s, signed', async (name) => {
    const { host, server, id, secret } = await withHttps(name)
    expect(await attempt(host, id)).toMatchObject({
      state: 'delivered',
      attempts: [{ status: 204, code: null }],
    })
    expect(server.types).toEqual(['entry.added'])
    expect(server.received.map((one) => verified(one, secret))).toEqual([true])
    expect(await host.latchkey.webhooks.test(id)).toMatchObject({ state: 'delivered' })
  })

  it('is not sent to a server whose certificate has another name', async () => {
    const { host, server, id } = await withHttps('other.example')
    expect(await attempt(host, id)).toMatchObject({
      state: 'waiting',
      attempts: [{ status: null, code: 'cannot_connect' }],
    })
    expect(server.received).toEqual([])
  })

  it.each([301, 302, 303, 307, 308])(
    'follows no redirect to an address without encryption (%i)',
    async (status) => {
      const { host, server, id } = await withHttps('hooks.example')
      server.script({ status, headers: { location: host.server.url } })
      expect(await attempt(host, id)).toMatchObject({ state: 'waiting', attempts: [{ status, code: null }] })
      expect([server.received.length, host.server.received.length]).toEqual([1, 0])
    },
  )
})
