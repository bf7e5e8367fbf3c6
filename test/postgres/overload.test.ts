import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { WireProxy } from '../../scripts/wire-proxy.ts'
import type { PostgresStoreOptions } from '../../src/adapters/postgres/postgres-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { entryRecord, put, write } from '../../src/testing/store-records.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
const stores: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const store of stores.splice(0).reverse()) await store.close()
})
afterAll(place.clear)

async function opened(options: PostgresStoreOptions, database?: PostgresDatabase): Promise<Store> {
  const store = storeIn(database ?? (await place.database()), options)
  stores.push(store)
  await store.open()
  await write(store, put(entryRecord()))
  return store
}

/** The scopes that a store is notified of, once it listens. Polls, which name no scope, do not count. */
async function scopesNotified(store: Store) {
  const scopes = new Set<string>()
  const listening = Promise.withResolvers<void>()
  let wake = Promise.withResolvers<void>()
  const stop = store.feed.listen?.((changed) => {
    if (changed === null) listening.resolve()
    for (const scope of changed ?? []) scopes.add(scope)
    wake.resolve()
    wake = Promise.withResolvers()
  })
  stores.push({ close: async () => stop?.() })
  await listening.promise
  return {
    get size() {
      return scopes.size
    },
    async of(scope: string): Promise<void> {
      while (!scopes.has(scope)) await wake.promise
    },
  }
}

const writeIn = (store: Store, scope: string): Promise<void> =>
  store.apply(scope, [put(entryRecord({ scope }))])

const many = <Result>(count: number, call: () => Promise<Result>): Promise<Result>[] =>
  Array.from({ length: count }, call)

describe('a store with many more calls than connections', () => {
  it('answers all of them, also if that takes longer than the time to wait for a connection', async () => {
    const database = await place.database()
    const connectTimeout = 1_000
    const store = await opened({ connections: 1, connectTimeout }, database)
    const holder = new pg.Client({ connectionString: database.url() })
    await holder.connect()
    stores.push({ close: () => holder.end() })
    let answered = 0
    const count = 500
    const reads = many(count, () => store.getEntry('home', 'entry-1').finally(() => ++answered))
    // A few calls are answered after each of these times.
    for (let hold = 0; hold < 3; hold++) {
      await holder.query('begin; lock table latchkey.entries in access exclusive mode')
      await setTimeout(0.4 * connectTimeout)
      await holder.query('commit')
    }
    expect(answered).toBeLessThan(count)
    expect(new Set((await Promise.all(reads)).map((entry) => entry?.entryId))).toEqual(new Set(['entry-1']))
  })

  it('renews its leases and writes before the calls that wait', async () => {
    const store = await opened({ connections: 1 })
    const term = { holder: 'p', ms: 60_000, now: 0 }
    await store.leases.claim({ scope: 'home', kind: 'flow', id: 'flow-1' }, term)
    let answered = 0
    const reads = many(1_000, () => store.getEntry('home', 'entry-1').then(() => ++answered))
    expect(await store.leases.renew(term)).toHaveLength(1)
    await write(store, put(entryRecord({ entryId: 'entry-2' })))
    expect(answered).toBeLessThan(100)
    await Promise.all(reads)
  })
})

describe('a store whose notifications wait for a lock of another session', () => {
  it('answers its writes, renews its leases and notifies after the lock', async () => {
    const database = await place.database()
    // Stands for the lock that PostgreSQL has for the notifications of all databases of a server.
    await database.query(`create schema slow`)
    await database.query(`create function slow.pg_notify(text, text) returns void language plpgsql as
      'begin perform pg_advisory_xact_lock(1); perform pg_catalog.pg_notify($1, $2); end'`)
    await database.query('grant usage on schema slow to app')
    await database.query(`alter role app in database ${database.name} set search_path = slow, pg_catalog`)
    const holder = new pg.Client({ connectionString: database.url() })
    await holder.connect()
    stores.push({ close: () => holder.end() })
    await holder.query('select pg_advisory_lock(1)')
    const [store, other] = [storeIn(database, { connections: 2 }), storeIn(database)]
    stores.push(store, other)
    await Promise.all([store.open(), other.open()])
    const notified = await scopesNotified(other)
    const term = { holder: 'p', ms: 60_000, now: 0 }
    await store.leases.claim({ scope: 'home', kind: 'flow', id: 'flow-1' }, term)
    const start = performance.now()
    // As many scopes as one notification can name.
    const count = 300
    for (let number = 0; number < count; number++) await writeIn(store, `scope-${number}`)
    expect(await store.leases.renew(term)).toHaveLength(1)
    expect(performance.now() - start).toBeLessThan(60_000)
    expect(notified.size).toBe(0)
    await holder.end()
    for (let number = 0; number < count; number++) await notified.of(`scope-${number}`)
  })
})

describe('a store that loses a notification with its connection', () => {
  it('notifies the other stores of the changes before it, too', async () => {
    const database = await place.database()
    const proxy = await WireProxy.start(database.port)
    const [store, other] = [storeIn(database, {}, proxy.port), storeIn(database)]
    stores.push({ close: () => proxy.stop() }, store, other)
    await Promise.all([store.open(), other.open()])
    const notified = await scopesNotified(other)
    await writeIn(store, 'first')
    // Waits: the notification before it was sent just now.
    await writeIn(store, 'second')
    await setTimeout(30)
    const cuts = ['request'] as const
    let at = 0
    proxy.cutNext = () => cuts[at++] ?? null
    await writeIn(store, 'third')
    for (const scope of ['first', 'second', 'third']) await notified.of(scope)
  })
})
