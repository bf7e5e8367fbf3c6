import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import type { Lookup } from '../../../src/ports/network.ts'
import { addEntry } from '../host.ts'
import { until } from './hook-server.ts'
import { closeHosts, makeWebhookHost, type WebhookHost } from './webhook-host.ts'

const servers: Server[] = []
const sockets = new Set<Socket>()

afterEach(async () => {
  await closeHosts()
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

/** Listens on a port of this machine with another server than one for HTTP. */
async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Queues an event, and lets its first attempt start. */
async function attempt(host: WebhookHost): Promise<void> {
  await addEntry(host)
  await host.pass(2_000)
  await host.pass(2_000)
}

const last = async (host: WebhookHost, id: string) => (await host.deliveries(id))[0]

describe('an attempt of a webhook', () => {
  it('that the receiver does not answer ends after ten seconds, and is repeated', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    host.server.script(() => {})
    await attempt(host)
    await until(() => host.server.received.length === 1)
    expect(await last(host, id)).toMatchObject({ state: 'sending', attempts: [] })
    await host.pass(9_999)
    expect(await last(host, id)).toMatchObject({ state: 'sending' })
    await host.pass(1)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ status: null, code: 'timeout' }] })
    await until(() => host.server.sockets.size === 0)
    await host.deliver()
    expect(await last(host, id)).toMatchObject({ state: 'delivered', attempts: [{}, { status: 204 }] })
  })

  it('does not read an answer without an end', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    let written = 0
    host.server.script((response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384
      }
      response.on('drain', more)
      more()
    })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'delivered')
    await until(() => host.server.sockets.size === 0)
    // What the buffers of the sockets hold, and not more.
    expect(written).toBeLessThan(8 * 1024 * 1024)
  })

  it('does not follow a redirect', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    const location = `http://127.0.0.1:${host.server.port}/elsewhere`
    host.server.script({ status: 307, headers: { location } })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ status: 307, code: null }] })
    expect(host.server.received.map(({ path }) => path)).toEqual(['/hooks'])
  })

  it.each<[string, (socket: Socket) => void]>([
    ['closes the connection', (socket) => socket.destroy()],
    ['cuts it in the middle of an answer', (socket) => socket.end('HTTP/1.1 200')],
    ['does not answer with HTTP', (socket) => socket.end('SSH-2.0-x\r\n')],
    [
      'sends headers without an end',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(999_999)}`),
    ],
  ])('fails if the receiver %s', async (_, answer) => {
    const host = await makeWebhookHost()
    const port = await listen(createServer((socket) => socket.once('data', () => answer(socket))))
    const { id } = await host.hook({ url: `http://127.0.0.1:${port}` })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ status: null, code: 'cannot_connect' }] })
  })

  it('ends after ten seconds if the receiver never reads the request', async () => {
    const host = await makeWebhookHost()
    const port = await listen(createServer((socket) => socket.pause()))
    const { id } = await host.hook({ url: `http://127.0.0.1:${port}` })
    await attempt(host)
    await host.pass(10_000)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ code: 'timeout' }] })
  })

  it('fails if no server listens', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook({ url: 'http://127.0.0.1:1' })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ code: 'cannot_connect' }] })
  })

  it('sends nothing to a server without a valid certificate', async () => {
    const host = await makeWebhookHost()
    const port = await listen(createTlsServer({}))
    const { id } = await host.hook({ url: `https://127.0.0.1:${port}` })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ code: 'cannot_connect' }] })
  })

  it('resolves the name again, and sends nothing to an address that the policy forbids', async () => {
    let address = '127.0.0.1'
    const resolve: Lookup = (_name, _options, callback) => callback(null, [{ address, family: 4 }])
    const network = nodeNetwork({ allow: (one) => one === '127.0.0.1', plainHttp: true, resolve })
    const host = await makeWebhookHost({ network })
    const { id } = await host.hook({ url: `http://hooks.example:${host.server.port}/` })
    await attempt(host)
    await until(async () => (await last(host, id))?.state === 'delivered')
    // Without a pause: the connection of the first attempt may still be open.
    address = '127.0.0.2'
    await addEntry(host, { token: 'second', account: 'bob' })
    await host.pass(2_000)
    await host.pass(2_000)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ status: null, code: 'address_refused' }] })
    expect(host.server.received).toHaveLength(1)
    await network.close()
  })

  it('ends after ten seconds if the name is not resolved', async () => {
    let answers = true
    const resolve: Lookup = (_name, _options, callback) => {
      if (answers) callback(null, [{ address: '127.0.0.1', family: 4 }])
    }
    const network = nodeNetwork({ allow: 'any', plainHttp: true, resolve })
    const host = await makeWebhookHost({ network })
    const { id } = await host.hook({ url: `http://hooks.example:${host.server.port}/` })
    answers = false
    await attempt(host)
    await host.pass(10_000)
    await until(async () => (await last(host, id))?.state === 'waiting')
    expect(await last(host, id)).toMatchObject({ attempts: [{ code: 'timeout' }] })
    expect(host.server.received).toEqual([])
    await network.close()
  })

  it('is not sent without encryption after the host has forbidden that', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    await host.latchkey.stop()
    const strict = await host.again({ network: nodeNetwork({ allow: 'any' }) })
    await strict.latchkey.start()
    await addEntry(strict)
    await strict.pass(2_000)
    await strict.pass(2_000)
    const { items } = await strict.latchkey.webhooks.deliveries(id)
    expect(items[0]).toMatchObject({ attempts: [{ status: null, code: 'not_https' }] })
    expect(host.server.received).toEqual([])
    await strict.latchkey.stop()
  })
})
