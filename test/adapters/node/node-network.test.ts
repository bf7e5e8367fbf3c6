import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type AddressPolicy, type NodeNetwork, nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import { AddressRefusedError } from '../../../src/errors.ts'
import type { Lookup } from '../../../src/ports/network.ts'

/** A loopback server that counts what reaches it: connections, not only requests. */
interface Peer {
  readonly host: string
  readonly port: number
  readonly url: string
  connections: number
  readonly headers: Record<string, string | string[] | undefined>[]
  readonly bodies: string[]
}

const onlyFirst: AddressPolicy = (address) => address === '127.0.0.1'
const servers: Server[] = []
const networks: NodeNetwork[] = []
let outside: Peer
let inside: Peer

async function listen(
  host: string,
  port: number,
  answer: RequestListener = (_, response) => response.end('hello'),
) {
  const server = createServer((request, response) => {
    peer.headers.push(request.headers)
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      peer.bodies.push(body)
      answer(request, response)
    })
  })
  servers.push(server)
  server.on('connection', () => {
    peer.connections += 1
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const bound = (server.address() as AddressInfo).port
  const peer: Peer = {
    host,
    port: bound,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    connections: 0,
    headers: [],
    bodies: [],
  }
  return peer
}

function network(allow: AddressPolicy, resolve?: Lookup): NodeNetwork {
  const made = nodeNetwork(resolve ? { allow, resolve } : { allow })
  networks.push(made)
  return made
}

/** A resolver that returns the next of `answers` at each call; `asked` counts the calls. */
function scripted(...answers: (readonly string[])[]) {
  const resolver = {
    asked: 0,
    resolve: ((_hostname, _options, callback) => {
      const answer = answers[resolver.asked % answers.length] ?? []
      resolver.asked += 1
      const found = answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      setImmediate(callback, null, found)
    }) satisfies Lookup as Lookup,
  }
  return resolver
}

beforeEach(async () => {
  // The same port on both: with a scripted resolver, only the address differs.
  // A free port of one may be in use on the other, by a parallel test.
  for (let tries = 5; ; tries -= 1) {
    inside = await listen('127.0.0.2', 0)
    try {
      outside = await listen('127.0.0.1', inside.port)
      return
    } catch (error) {
      if (tries === 0) throw error
    }
  }
})

afterEach(async () => {
  for (const made of networks.splice(0)) await made.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

describe('nodeNetwork fetch', () => {
  it('reaches allowed addresses, and refuses others before a connection', async () => {
    const { fetch } = network(onlyFirst)
    await expect((await fetch(outside.url)).text()).resolves.toBe('hello')
    await expect(fetch(inside.url)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(inside.connections).toBe(0)
  })

  it('reaches everything where the policy is any', async () => {
    const { fetch } = network('any')
    expect((await fetch(inside.url)).ok).toBe(true)
    expect((await fetch(`http://localhost:${outside.port}`)).ok).toBe(true)
  })

  it.each([
    ['an address', (port: number) => `http://127.0.0.1:${port}`],
    ['a decimal address', (port: number) => `http://2130706433:${port}`],
    ['a hexadecimal address', (port: number) => `http://0x7f.0x1:${port}`],
    ['an octal address', (port: number) => `http://0177.0.0.01:${port}`],
    ['a short address', (port: number) => `http://127.1:${port}`],
    ['an address with a dot at its end', (port: number) => `http://127.0.0.1.:${port}`],
    ['an address in wide digits', (port: number) => `http://１２７.0.0.1:${port}`],
    ['an address in percent-encoding', (port: number) => `http://%31%32%37.0.0.1:${port}`],
    ['the unspecified address', (port: number) => `http://0.0.0.0:${port}`],
    ['zero', (port: number) => `http://0:${port}`],
    ['a mapped address', (port: number) => `http://[::ffff:127.0.0.1]:${port}`],
    ['a mapped address in hexadecimal', (port: number) => `http://[::ffff:7f00:1]:${port}`],
    ['localhost', (port: number) => `http://localhost:${port}`],
    ['localhost in capitals', (port: number) => `http://LOCALHOST:${port}`],
  ])('is refused access to a loopback server by %s', async (_what, url) => {
    const target = url(outside.port)
    await network('any').fetch(target) // the control: without the policy it is reached
    expect(outside.connections).toBe(1)
    await expect(network('public').fetch(target)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(outside.connections).toBe(1)
  })

  it('is refused access to IPv6 loopback', async () => {
    const peer = await listen('::1', 0)
    await network('any').fetch(peer.url)
    await expect(network('public').fetch(peer.url)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(peer.connections).toBe(1)
    await expect(
      network((address, family) => family === 6 && address === '::1').fetch(peer.url),
    ).resolves.toBeDefined()
  })

  it('is refused access to an address with TLS before the handshake', async () => {
    const target = `https://127.0.0.2:${inside.port}`
    await expect(network('any').fetch(target)).rejects.toThrow('fetch failed')
    expect(inside.connections).toBe(1)
    await expect(network(onlyFirst).fetch(target)).rejects.toBeInstanceOf(AddressRefusedError)
    await expect(
      network(onlyFirst, scripted(['127.0.0.2']).resolve).fetch(`https://hub.test:${inside.port}`),
    ).rejects.toBeInstanceOf(AddressRefusedError)
    expect(inside.connections).toBe(1)
  })

  it.each([301, 302, 303, 307, 308])('checks where a redirect leads (%i)', async (status) => {
    const { url } = inside
    const door = await listen('127.0.0.1', 0, (_, response) =>
      response.writeHead(status, { location: url }).end(),
    )
    expect(await (await network('any').fetch(door.url)).text()).toBe('hello')
    expect(inside.connections).toBe(1)
    await expect(network(onlyFirst).fetch(door.url)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(door.connections).toBe(2)
    expect(inside.connections).toBe(1)
  })

  it('checks where a redirect to a name leads', async () => {
    const door = await listen('127.0.0.1', 0, (_, response) =>
      response.writeHead(302, { location: `http://inside.test:${inside.port}/` }).end(),
    )
    const { fetch } = network(onlyFirst, scripted(['127.0.0.2']).resolve)
    await expect(fetch(door.url)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(inside.connections).toBe(0)
  })

  it('carries the Authorization header to the same origin, not to another', async () => {
    const elsewhere = await listen('127.0.0.1', 0, (request, response) =>
      request.url === '/same'
        ? response.end()
        : response.writeHead(307, { location: request.url === '/away' ? outside.url : '/same' }).end(),
    )
    const { fetch } = network(onlyFirst)
    const headers = { authorization: 'Bearer canary', cookie: 'session=canary' }
    await fetch(`${elsewhere.url}stay`, { headers })
    expect(elsewhere.headers).toMatchObject([headers, headers])
    await fetch(`${elsewhere.url}away`, { headers })
    expect(outside.headers).toHaveLength(1)
    expect(JSON.stringify(outside.headers)).not.toContain('canary')
  })

  it('connects to the answer that it has checked, and asks once', async () => {
    // A name server that returns another address to every second query: a second query would lead inside.
    const rebinding = scripted(['127.0.0.1'], ['127.0.0.2'])
    const { fetch } = network(onlyFirst, rebinding.resolve)
    await fetch(`http://hub.test:${outside.port}`, { headers: { connection: 'close' } })
    expect(rebinding.asked).toBe(1)
    expect([outside.connections, inside.connections]).toEqual([1, 0])
    await expect(fetch(`http://hub.test:${outside.port}`)).rejects.toBeInstanceOf(AddressRefusedError)
    expect([outside.connections, inside.connections]).toEqual([1, 0])
  })

  it('connects to the allowed ones of several addresses', async () => {
    const { fetch } = network(onlyFirst, scripted(['::1', '127.0.0.2', '127.0.0.1']).resolve)
    await fetch(`http://hub.test:${outside.port}`)
    expect([outside.connections, inside.connections]).toEqual([1, 0])
  })

  it('takes no dispatcher that would go round the policy', async () => {
    const { Agent } = await import('undici')
    const dispatcher = new Agent()
    const init: RequestInit = {}
    Reflect.set(init, 'dispatcher', dispatcher)
    await expect(network(onlyFirst).fetch(inside.url, init)).rejects.toBeInstanceOf(AddressRefusedError)
    await dispatcher.close()
  })

  it("takes Node's own Request, Headers and FormData", async () => {
    const { fetch } = network(onlyFirst)
    const form = new FormData()
    form.append('name', 'hub')
    form.append('file', new File(['content'], 'a.txt'))
    await fetch(new Request(outside.url, { method: 'PUT', body: 'text', headers: { 'x-a': '1' } }))
    await fetch(outside.url, { method: 'POST', body: form, headers: new Headers({ 'x-a': '2' }) })
    await fetch(new URL(outside.url), { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    expect(outside.headers.map((headers) => headers['x-a'])).toEqual(['1', '2', undefined])
    expect(outside.bodies[0]).toBe('text')
    expect(outside.bodies[1]).toMatch(/name="name"\r\n\r\nhub\r\n.*filename="a.txt".*content/s)
    expect(outside.bodies[2]).toBe('a=b')
  })

  it('leaves other failures as they are, and obeys an abort', async () => {
    const nowhere = await listen('127.0.0.1', 0)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const { fetch } = network(onlyFirst)
    await expect(fetch(nowhere.url)).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ECONNREFUSED' },
    })
    await expect(fetch(outside.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  it("passes on what the host's function throws, for names and addresses", async () => {
    const mistake = new Error('a mistake')
    const { fetch } = network(
      () => {
        throw mistake
      },
      scripted(['127.0.0.1']).resolve,
    )
    await expect(fetch(outside.url)).rejects.toMatchObject({ cause: mistake })
    await expect(fetch(`http://hub.test:${outside.port}`)).rejects.toMatchObject({ cause: mistake })
  })

  it('closes its sockets when it is closed, those in use too', async () => {
    let arrived: () => void
    const reached = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const silent = await listen('127.0.0.1', 0, () => arrived())
    const { fetch, close } = network(onlyFirst)
    const pending = fetch(silent.url)
    const refused = expect(pending).rejects.toThrow()
    await reached
    await close()
    await refused
    await expect(fetch(outside.url)).rejects.toThrow()
  })
})

describe('nodeNetwork lookup', () => {
  it('refuses a plain socket too', async () => {
    const open = (lookup: Lookup) =>
      new Promise<Socket>((resolve, reject) => {
        const socket = connect({
          host: 'hub.test',
          port: inside.port,
          lookup: (hostname, { all = false }, callback) => lookup(hostname, { all }, callback),
        })
        socket.once('connect', () => resolve(socket)).once('error', reject)
      })
    const { resolve } = scripted(['127.0.0.2'])
    ;(await open(network('any', resolve).lookup)).destroy()
    expect(inside.connections).toBe(1)
    await expect(open(network(onlyFirst, resolve).lookup)).rejects.toBeInstanceOf(AddressRefusedError)
    expect(inside.connections).toBe(1)
  })
})
