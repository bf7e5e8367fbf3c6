import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { inspectWith } from '../../src/inspect/index.ts'
import { InspectServer } from '../../src/inspect/inspect-server.ts'
import type { ShownActor, Wire } from '../../src/inspect/shown-actor.ts'
import { until } from '../stories/world.ts'
import { read, watch } from './viewers.ts'

const PAGE = 'https://viewer.example'
const wire: Wire = {
  announce: ({ id }) => [`new ${id}`],
  update: ({ id, state, status }) => [`${id} ${state} ${status}`],
}
const actor = (id: string, changes: Partial<ShownActor> = {}): ShownActor => ({
  id,
  name: id,
  parent: null,
  chart: null,
  state: 'active',
  status: 'active',
  context: {},
  event: 'xstate.init',
  source: null,
  at: 0,
  ...changes,
})

const servers: InspectServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function open({ wires = wire, bufferLimit = 1_000_000, actors = [] as readonly ShownActor[] } = {}) {
  const server = await InspectServer.open({
    port: 0,
    origins: [PAGE],
    bufferLimit,
    wires: new Map([['/look', wires]]),
    actors: new Map(actors.map((one) => [one.id, one])),
  })
  servers.push(server)
  const { port, protocols } = server
  const [name = '', secret = ''] = protocols
  return { server, port, protocols, name, secret, url: `ws://127.0.0.1:${port}/look` }
}

describe('InspectServer', () => {
  it.each([
    ['a viewer outside of a browser', {}],
    ['a page with an allowed origin', { origin: PAGE }],
  ])('accepts %s with the token', async (_, headers) => {
    const { url, protocols } = await open()
    const { socket } = await watch(url, protocols, headers)
    expect(socket.protocol).toBe('latchkey')
  })

  it('accepts the host name localhost', async () => {
    const { port, protocols } = await open()
    await watch(`ws://127.0.0.1:${port}/look`, protocols, { host: `localhost:${port}` })
  })

  it.each([
    ['401', 'without a token', ({ name }) => ({ protocols: [name] })],
    ['401', 'without a protocol', () => ({ protocols: [] })],
    ['401', 'with a wrong token', ({ name, secret }) => ({ protocols: [name, `${secret.slice(0, -1)}!`] })],
    ['401', 'with a truncated token', ({ name, secret }) => ({ protocols: [name, secret.slice(0, -1)] })],
    [
      '401',
      'with a token in the query',
      ({ name, secret }) => ({ protocols: [name], query: `?token=${secret}` }),
    ],
    ['403', 'from another origin', () => ({ headers: { origin: 'https://evil.example' } })],
    ['403', 'from an opaque origin', () => ({ headers: { origin: 'null' } })],
    ['421', 'to a rebound host', ({ port }) => ({ headers: { host: `evil.example:${port}` } })],
    ['421', 'to another port', () => ({ headers: { host: '127.0.0.1:1' } })],
    ['404', 'to an unknown path', () => ({ query: '/more' })],
  ] as readonly [
    string,
    string,
    (at: { port: number; name: string; secret: string }) => {
      protocols?: string[]
      headers?: object
      query?: string
    },
  ][])('answers %s %s', async (status, _, changes) => {
    const at = await open()
    const { protocols = at.protocols, headers = {}, query = '' } = changes(at)
    const refused = protocols.map((text) => text.replace('!', at.secret.endsWith('A') ? 'B' : 'A'))
    await expect(watch(at.url + query, refused, headers)).rejects.toThrow(status)
  })

  it('has a new token each time', async () => {
    const [one, two] = [await open(), await open()]
    expect(one.secret).toMatch(/^latchkey\.[\w-]{43}$/)
    expect(one.secret).not.toBe(two.secret)
    await expect(watch(one.url, two.protocols)).rejects.toThrow('401')
  })

  it('listens only on the loopback interface', async () => {
    const { port } = await open()
    const reached = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port }, () => resolve(socket.destroy() !== null))
        socket.on('error', () => resolve(false))
      })
    expect(await reached('127.0.0.1')).toBe(true)
    expect(await reached('127.0.0.2')).toBe(false)
    expect(await reached('::1')).toBe(false)
  })

  it('throws if the port is in use', async () => {
    const { port } = await open()
    const options = { port, origins: [], bufferLimit: 1, wires: new Map(), actors: new Map() }
    await expect(InspectServer.open(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('announces each live actor once, and no ended ones', async () => {
    const { server, url, protocols } = await open({ actors: [actor('a'), actor('b')] })
    const { messages } = await watch(url, protocols)
    server.show(actor('b', { state: 'on' }))
    server.show(actor('c'))
    server.show(actor('d', { status: 'done' }))
    server.show(actor('c', { state: 'off', status: 'done' }))
    server.show(actor('c'))
    await until(() => messages.length === 6)
    expect(messages.filter((text) => text.startsWith('new')).sort()).toEqual([
      'new a',
      'new b',
      'new c',
      'new c',
    ])
    expect(messages.slice(-4)).toEqual(['b on active', 'new c', 'c off done', 'new c'])
  })

  it('announces an actor once that makes a transition during the announcements', async () => {
    const moving: Wire = {
      ...wire,
      announce: (one) => {
        if (one.id === 'a') at.server.show(actor('b', { state: 'on' }))
        return wire.announce(one)
      },
    }
    const at = await open({ wires: moving, actors: [actor('a'), actor('b')] })
    const { messages, socket } = await watch(at.url, at.protocols)
    await read(socket)
    expect(messages.sort()).toEqual(['new a', 'new b'])
  })

  it('disconnects a viewer that does not read, and keeps the others', async () => {
    const long: Wire = { announce: () => ['x'], update: () => ['y'.repeat(100_000)] }
    const { server, url, protocols } = await open({
      wires: long,
      bufferLimit: 1_000_000,
      actors: [actor('a')],
    })
    const idle = await watch(url, protocols)
    const reader = await watch(url, protocols)
    await until(() => idle.messages.length === 1 && reader.messages.length === 1)
    idle.socket.pause()
    let dropped = false
    idle.socket.on('close', () => {
      dropped = true
    })
    idle.socket.on('error', () => {})
    for (let count = 2; count < 150; count++) {
      server.show(actor('a'))
      await until(() => reader.messages.length >= count)
    }
    idle.socket.resume()
    await until(() => dropped)
    expect(idle.messages.length).toBeLessThan(140)
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
  })

  it('announces more than the buffer holds, as fast as the viewer reads', async () => {
    const wide: Wire = { announce: () => ['x'.repeat(50_000)], update: () => [] }
    const actors = Array.from({ length: 200 }, (_, index) => actor(`a${index}`))
    const { url, protocols } = await open({ wires: wide, bufferLimit: 60_000, actors })
    const { messages, socket } = await watch(url, protocols)
    await until(() => messages.length === 200)
    expect(socket.readyState).toBe(socket.OPEN)
  })
})

describe('inspectWith', () => {
  it('closes the server if Latchkey has been stopped', async () => {
    const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
    await latchkey.stop()
    const { server, port } = await open()
    await server.close()
    servers.length = 0
    await expect(inspectWith(latchkey, { port })).rejects.toMatchObject({ code: 'STOPPED' })
    await expect(watch(`ws://127.0.0.1:${port}/stately`, ['latchkey'])).rejects.toThrow('ECONNREFUSED')
  })
})
