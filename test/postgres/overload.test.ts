import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import type { PostgresStoreOptions } from '../../src/adapters/postgres/postgres-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { entryRecord, put, write } from '../../src/testing/store-records.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
const stores: Store[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})
afterAll(place.clear)

async function opened(options: PostgresStoreOptions): Promise<Store> {
  const store = storeIn(await place.database(), options)
  stores.push(store)
  await store.open()
  await write(store, put(entryRecord()))
  return store
}

const many = <Result>(count: number, call: () => Promise<Result>): Promise<Result>[] =>
  Array.from({ length: count }, call)

describe('a store with many more calls than connections', () => {
  it('answers all of them, also if that takes longer than the time to wait for a connection', async () => {
    const connectTimeout = 1_000
    const store = await opened({ connections: 1, connectTimeout })
    const timed = async (count: number) => {
      const begun = performance.now()
      const answers = await Promise.all(many(count, () => store.getEntry('home', 'entry-1')))
      return { answers, time: performance.now() - begun }
    }
    const rate = 200 / (await timed(200)).time
    const { answers, time } = await timed(Math.ceil(3 * connectTimeout * rate))
    expect(time).toBeGreaterThan(connectTimeout)
    expect(new Set(answers.map((entry) => entry?.entryId))).toEqual(new Set(['entry-1']))
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
