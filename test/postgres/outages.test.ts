import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { type PostgresStoreOptions, postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { entryRecord, flowRecord, put, write } from '../../src/testing/store-records.ts'
import { freePort } from './free-port.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})
afterAll(place.clear)

const TIMEOUTS = { connectTimeout: 300, queryTimeout: 300, outcomeTimeout: 300 }

/** A proxy that can stop forwarding, like a network that loses all packets. */
class SilentProxy {
  isSilent = false
  /** Whether the connection with the next request stops forwarding. */
  hangsNext = false
  readonly #hung = new Set<Socket>()
  port = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from)
        from.on('data', (data) => {
          if (this.hangsNext) this.#hung.add(from)
          this.hangsNext = false
          if (!this.isSilent && !this.#hung.has(from)) to.write(data)
        })
        from.on('error', () => {})
        from.on('close', () => void (this.isSilent || to.destroy()))
      }
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    return this
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** An open store behind a proxy. */
async function behindProxy(
  options: PostgresStoreOptions = {},
): Promise<{ store: Store; proxy: SilentProxy; witness: Store }> {
  const database = await place.database()
  const proxy = await new SilentProxy(database.port).start()
  const store = storeIn(database, { ...TIMEOUTS, ...options }, proxy.port)
  const witness = storeIn(database)
  open.push(proxy, store, witness)
  await Promise.all([store.open(), witness.open()])
  return { store, proxy, witness }
}

describe('a server that cannot be reached', () => {
  it('fails to open', async () => {
    const database = await place.database()
    const store = storeIn(database, TIMEOUTS, await freePort())
    await expect(store.open()).rejects.toMatchObject({ code: 'STORE', outcome: 'not_written' })
  })

  it('names neither the address nor a password in its errors', async () => {
    const database = await place.database()
    const url = `postgres://app:s3cret@127.0.0.1:${await freePort()}/x`
    const store = storeIn(database, { ...TIMEOUTS, ownerUrl: url, systemUrl: url }, await freePort())
    const error: unknown = await store.open().catch((refusal: unknown) => refusal)
    expect(String(error)).not.toMatch(/s3cret|127\.0\.0\.1/)
  })
})

/** A message of the protocol of PostgreSQL: its type, its length and its content. */
function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5, type, 'latin1')
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

describe('a server that stops as soon as a connection is ready', () => {
  it('fails to open, and does not end the process', async () => {
    const stops = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
    const answer = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I')), message('E', stops)]
    const server = createServer((client) => {
      client.on('error', () => {})
      client.once('data', () => client.end(Buffer.concat(answer)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) })
    const { port } = server.address() as AddressInfo
    const store = postgresStore(`postgres://app@127.0.0.1:${port}/db`, TIMEOUTS)
    await expect(store.open()).rejects.toMatchObject({ code: 'STORE' })
    await store.close()
  })
})

describe('a server that does not answer', () => {
  it('fails a read within its timeout, and answers again later', async () => {
    const { store, proxy } = await behindProxy()
    await write(store, put(entryRecord()))
    proxy.isSilent = true
    const start = performance.now()
    await expect(store.getEntry('home', 'entry-1')).rejects.toMatchObject({ code: 'STORE' })
    await expect(store.leases.renew({ holder: 'p', ms: 9, now: 0 })).rejects.toMatchObject({ code: 'STORE' })
    expect(performance.now() - start).toBeLessThan(30_000)
    proxy.isSilent = false
    expect(await store.getEntry('home', 'entry-1')).toEqual(entryRecord())
  })

  it('fails the calls that wait for a connection, too', async () => {
    const { store, proxy } = await behindProxy({ connections: 1 })
    proxy.isSilent = true
    const start = performance.now()
    const reads = Array.from({ length: 20 }, () => store.getEntry('home', 'entry-1'))
    const told = await Promise.allSettled(reads)
    expect(performance.now() - start).toBeLessThan(30_000)
    for (const one of told) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'STORE' } })
    proxy.isSilent = false
    expect(await store.getEntry('home', 'entry-1')).toBeUndefined()
  })

  it('fails a write with an unknown outcome, and later ones that were never sent as not written', async () => {
    const { store, proxy, witness } = await behindProxy()
    await write(store, put(flowRecord()))
    // Leaves an idle connection, also while the notification of the write is on its way.
    await store.getEntry('home', 'entry-1')
    proxy.isSilent = true
    const first = write(store, put(entryRecord()))
    await expect(first).rejects.toMatchObject({ code: 'STORE', outcome: 'unknown' })
    const second = write(store, put(entryRecord({ entryId: 'entry-2' })))
    await expect(second).rejects.toMatchObject({ code: 'STORE', outcome: 'not_written' })
    proxy.isSilent = false
    expect(await witness.getEntry('home', 'entry-2')).toBeUndefined()
    await write(store, put(entryRecord({ entryId: 'entry-3' })))
    expect(await store.getEntry('home', 'entry-3')).toBeDefined()
  })

  it('closes within its timeout', async () => {
    const { store, proxy } = await behindProxy()
    const stop = store.feed.listen?.(() => {})
    await write(store, put(entryRecord()))
    proxy.isSilent = true
    const start = performance.now()
    stop?.()
    await store.close()
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  it('does not open', async () => {
    const database = await place.database()
    const proxy = await new SilentProxy(database.port).start()
    open.push(proxy)
    proxy.isSilent = true
    const start = performance.now()
    await expect(storeIn(database, TIMEOUTS, proxy.port).open()).rejects.toMatchObject({ code: 'STORE' })
    expect(performance.now() - start).toBeLessThan(30_000)
  })
})

describe('a connection that does not answer', () => {
  it.each([
    ['entries to edit', (store: Store) => store.getEntryToEdit('home', 'entry-1'), entryRecord()],
    ['changes', (store: Store) => store.feed.read('home', 0).then(({ seq }) => ({ entry: seq })), 1],
  ])('does not delay other reads of %s, and its own are made again', async (_, read, entry) => {
    const { store, proxy } = await behindProxy({ queryTimeout: 2_000, connectTimeout: 2_000 })
    await write(store, put(entryRecord()))
    // Leaves an idle connection, also while the notification of the write is on its way.
    await store.getEntry('home', 'entry-1')
    proxy.hangsNext = true
    const first = read(store)
    await new Promise(setImmediate)
    const second = read(store)
    const order: string[] = []
    await Promise.all([first.then(() => order.push('first')), second.then(() => order.push('second'))])
    expect(order).toEqual(['second', 'first'])
    expect(await Promise.all([first, second])).toMatchObject([{ entry }, { entry }])
  })
})

describe('a batch that was given up', () => {
  it('is never written, even if it arrives later', async () => {
    const database = await place.database()
    const settle = () =>
      database.query<{ written: boolean }>(`select written from latchkey.settle_batch('o', 7)`, [], 'app')
    expect(await settle()).toEqual([{ written: false }])
    const late = database.query(`select latchkey.apply('o', 7, '[["home", [[null, 0, 0, []]]]]')`, [], 'app')
    await expect(late).rejects.toMatchObject({ code: 'LK003' })
    await database.query(`select latchkey.apply('o', 8, '[["home", [[null, 0, 0, []]]]]')`, [], 'app')
    expect(await database.query(`select written from latchkey.settle_batch('o', 8)`, [], 'app')).toEqual([
      { written: true },
    ])
  })
})
