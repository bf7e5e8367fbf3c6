import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Aedes } from 'aedes'
import { Broker } from '../../examples/home-hub/broker.ts'
import { firstAccounts } from '../../examples/home-hub/household.ts'
import { mqtt } from '../../examples/home-hub/mqtt-integration.ts'
import {
  AddressRefusedError,
  CannotConnectError,
  type ConnectContext,
  createLatchkey,
  InvalidAuthError,
  type Lookup,
  memoryStore,
  Secret,
  SetupError,
} from '../../src/index.ts'
import { eventually } from './eventually.ts'

let broker: Broker
const ends: (() => unknown)[] = []

beforeEach(async () => {
  broker = await Broker.start({ accounts: firstAccounts })
})

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await eventually(() => expect(broker.open).toBe(0))
  await broker.stop()
})

const values = (changes: { address?: string; username?: string; password?: string } = {}) => {
  const { address = broker.address, username = 'alice', password = 'latchkey' } = changes
  return { address, username, password: new Secret(password) }
}

async function connect(of = values(), context: Partial<Omit<ConnectContext, 'stored' | 'challenge'>> = {}) {
  const { signal } = new AbortController()
  const connected = await mqtt.connect(of, {
    fetch,
    signal,
    lost: () => {},
    options: {},
    subentries: [],
    stored: async () => of,
    ...context,
  })
  if (!('client' in connected)) throw new Error('The service requested a challenge.')
  ends.push(() => connected.dispose?.())
  return connected
}

/** A server that handles its connections with the given function. */
async function serve(treat: (socket: Socket) => unknown): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    treat(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

describe('mqtt.connect', () => {
  it('returns the id that the broker stores, and reads a value', async () => {
    const { client, uniqueId, title } = await connect()
    expect({ uniqueId, title }).toEqual({ uniqueId: 'account-1', title: 'alice' })
    expect(await client.temperature()).toBe(21.5)
    expect(await Promise.all([client.temperature(), client.temperature()])).toEqual([21.5, 21.5])
  })

  it.each([
    ['a bad password', { password: 'other' }],
    ['an unknown user name', { username: 'nobody' }],
  ])('throws InvalidAuthError for %s', async (_, changes) => {
    await expect(connect(values(changes))).rejects.toThrow(InvalidAuthError)
  })

  it('throws InvalidAuthError for an account that is not authorized', async () => {
    broker.lock('alice')
    await expect(connect()).rejects.toThrow(InvalidAuthError)
  })

  it('throws CannotConnectError for an address without a server', async () => {
    const { address } = broker
    await broker.stop()
    await expect(connect(values({ address }))).rejects.toThrow(CannotConnectError)
  })

  it('throws CannotConnectError for a name that does not resolve', async () => {
    const lookup: Lookup = (name, _, callback) =>
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '')
    const of = values({ address: 'broker.invalid:1883' })
    await expect(connect(of, { lookup })).rejects.toThrow(CannotConnectError)
  })

  it('throws CannotConnectError if the connection closes before a response', async () => {
    const address = await serve((socket) => socket.end())
    await expect(connect(values({ address }))).rejects.toThrow(CannotConnectError)
  })

  it('throws CannotConnectError for a different protocol', async () => {
    const address = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect(connect(values({ address }))).rejects.toThrow(CannotConnectError)
  })

  it('throws SetupError if the account may not read its id', async () => {
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_client, _subscription, answer) => answer(null, null),
    })
    ends.push(() => new Promise<void>((resolve) => aedes.close(resolve)))
    const address = await serve((socket) => aedes.handle(socket))
    await expect(connect(values({ address }))).rejects.toThrow(SetupError)
  })

  it('throws CannotConnectError if no id arrives within three seconds', async () => {
    const aedes = await Aedes.createBroker()
    ends.push(() => new Promise<void>((resolve) => aedes.close(resolve)))
    const address = await serve((socket) => aedes.handle(socket))
    await expect(connect(values({ address }))).rejects.toThrow(
      'The broker sent nothing for accounts/alice/id.',
    )
  })

  it('stops when its signal fires, and closes the connection', async () => {
    const release = broker.hold()
    const abort = new AbortController()
    const attempt = connect(values(), { signal: abort.signal })
    await eventually(() => expect(broker.open).toBe(1))
    abort.abort()
    await expect(attempt).rejects.toThrow(CannotConnectError)
    await eventually(() => expect(broker.open).toBe(0))
    release()
    expect(broker.accepted).toBe(0)
  })

  it.each(['192.0.2.1', 'broker.example', '[2001:db8::1]'])(
    'connects to the result of lookup for %s',
    async (host) => {
      const lookups: string[] = []
      const lookup: Lookup = (name, options, callback) => {
        lookups.push(name)
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
        else callback(null, '127.0.0.1', 4)
      }
      await connect(values({ address: `${host}:${broker.port}` }), { lookup })
      expect(lookups).toEqual([host.replace(/[[\]]/g, '')])
    },
  )

  it('does not connect if lookup rejects, even to an IP address', async () => {
    const lookup: Lookup = (_name, _options, callback) => callback(new AddressRefusedError(), '')
    await expect(connect(values(), { lookup })).rejects.toThrow(AddressRefusedError)
    expect(broker.open).toBe(0)
  })

  it('reports a lost connection, and later calls fail', async () => {
    const lost = jest.fn()
    const { client } = await connect(values(), { lost })
    expect(lost).not.toHaveBeenCalled()
    broker.changePassword('alice', 'another')
    await eventually(() => expect(lost).toHaveBeenCalledTimes(1))
    await expect(client.temperature()).rejects.toThrow(CannotConnectError)
    expect(broker.refused).toBe(0)
  })

  it('ends the client permanently when it is disposed', async () => {
    const { client, dispose } = await connect()
    await dispose?.()
    await eventually(() => expect(broker.open).toBe(0))
    await expect(client.temperature()).rejects.toThrow(CannotConnectError)
  })

  it('rejects user names with special characters of topics', () => {
    for (const username of ['+', '#', 'alice/id', '', 'a\u0000b']) {
      expect(mqtt.fields.safeParse({ address: 'broker', username, password: 'x' }).success).toBe(false)
    }
  })
})

describe('an MQTT entry', () => {
  it('is reported as a different account if its user name was reassigned', async () => {
    const latchkey = await createLatchkey({ integrations: [mqtt], store: memoryStore() })
    ends.push(() => latchkey.stop())
    const { flowId, revision } = await latchkey.flows.start({ domain: 'mqtt', source: 'user' })
    const input = { address: broker.address, username: 'alice', password: 'latchkey' }
    const { entryId } = await latchkey.flows.submit(flowId, input, { revision })
    await broker.swapAccount('alice', 'account-9')
    await eventually(async () =>
      expect((await latchkey.entries.get(entryId ?? '')).state).toBe('setup_retry'),
    )
    const entry = await latchkey.entries.reload(entryId ?? '')
    expect(entry).toMatchObject({ state: 'setup_error', reason: 'wrong_account' })
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'wrong_account' }])
    await eventually(() => expect(broker.open).toBe(0))
  })
})

describe('the sensors of an account', () => {
  it('are verified over its connection, identified by their topics, and read together', async () => {
    const latchkey = await createLatchkey({ integrations: [mqtt], store: memoryStore() })
    ends.push(() => latchkey.stop())
    const form = await latchkey.flows.start({ domain: 'mqtt', source: 'user' })
    const input = { address: broker.address, username: 'alice', password: 'latchkey' }
    const { entryId } = await latchkey.flows.submit(form.flowId, input, form)
    const add = async (sensor: { name: string; topic: string }) => {
      const opened = await latchkey.flows.start({
        source: 'subentry',
        entryId: entryId ?? '',
        type: 'sensor',
      })
      return latchkey.flows.submit(opened.flowId, sensor, opened)
    }
    expect(await add({ name: 'Hall', topic: 'humidity' })).toMatchObject({
      errors: { '/topic': { code: 'no_such_topic', text: 'This account cannot read the topic.' } },
    })
    expect(await add({ name: 'Hall', topic: 'temperature' })).toMatchObject({ type: 'create_entry' })
    expect(await add({ name: 'Loft', topic: 'temperature' })).toMatchObject({ reason: 'already_configured' })
    const readings = latchkey.entries.use(mqtt, entryId ?? '', (account) => account.readings())
    expect(await readings).toEqual({ Hall: '21.5' })
  })
})
