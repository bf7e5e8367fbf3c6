import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { WireProxy } from '../../scripts/wire-proxy.ts'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { createLatchkey, defineIntegration, joseCipher, type Latchkey, secret } from '../../src/index.ts'
import type { Cipher } from '../../src/ports/cipher.ts'
import { sharedStoreContract } from '../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { entryRecord, put } from '../../src/testing/store-records.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

describe('postgresStore', () => {
  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => storeIn(await place.emptied()))
  })

  it.each(sharedStoreContract)('shares its rows with another store: $title', async ({ run }) => {
    await run(async () => {
      const database = await place.emptied()
      return [storeIn(database), storeIn(database)]
    })
  })

  it('notifies other stores in the round trip of a commit, and reads concurrent flows in one', async () => {
    const database = await place.database()
    const proxy = await WireProxy.start(database.port)
    const [store, other] = [storeIn(database, {}, proxy.port), storeIn(database)]
    await Promise.all([store.open(), other.open()])
    const listening = Promise.withResolvers<void>()
    const notified = Promise.withResolvers<readonly string[]>()
    const end = other.feed.listen?.((scopes) =>
      scopes === null ? listening.resolve() : notified.resolve(scopes),
    )
    await listening.promise
    await store.getEntry('home', 'e0')
    const before = proxy.trips
    await store.apply('home', [put(entryRecord({ entryId: 'e0' }))])
    expect(await notified.promise).toEqual(['home'])
    const ids = Array.from({ length: 9 }, (_, number) => `e${number}`)
    const found = await Promise.all(ids.map((id) => store.getEntryToEdit('home', id)))
    expect(found.map(({ entry }) => entry?.entryId)).toEqual(['e0', ...Array(8)])
    expect(proxy.trips - before).toBe(2)
    end?.()
    await Promise.all([store.close(), other.close()])
    await proxy.stop()
  })

  it('reports how many calls each commit has', async () => {
    const store = storeIn(await place.database())
    await store.open()
    const sizes: number[] = []
    const stop = store.observe?.((one) => void (one.type === 'commit' && sizes.push(one.size)))
    const write = (number: number) => store.apply('home', [put(entryRecord({ entryId: `e${number}` }))])
    await Promise.all(Array.from({ length: 9 }, (_, number) => write(number)))
    stop?.()
    await write(10)
    await store.close()
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(9)
    expect(sizes.length).toBeLessThan(9)
  })

  it('has one entry of a secret that identifies it, also if two processes link it at once', async () => {
    const safe = defineIntegration({
      domain: 'safe',
      title: 'Safe',
      fields: z.object({ pin: secret() }),
      abortIfEntriesMatch: ['pin'],
      connect: async () => ({ client: {}, uniqueId: null }),
    })
    const database = await place.database()
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]
    const open = (cipher: Cipher) =>
      createLatchkey({ integrations: [safe], store: storeIn(database), cipher })
    const link = async ({ flows }: Latchkey, pin: string) => {
      const form = await flows.start({ domain: 'safe', source: 'user' })
      return (await flows.submit(form.flowId, { pin }, form)).type
    }
    const [one, two] = [await open(joseCipher(keys)), await open(joseCipher(keys))]
    const ends = await Promise.all([link(one, '4711'), link(two, '4711'), link(one, '0815')])
    expect([ends.slice(0, 2).sort(), ends[2]]).toEqual([['abort', 'create_entry'], 'create_entry'])
    const rotated = await open(joseCipher(keys.toReversed()))
    expect(await rotated.keys.rotate()).toMatchObject({ changed: 2, failed: 0 })
    expect(await link(rotated, '4711')).toBe('abort')
    const after = await open(joseCipher(keys.slice(1)))
    expect(await link(after, '0815')).toBe('abort')
    await Promise.all([one, two, rotated, after].map(({ stop }) => stop()))
  })

  it('is durable', () => {
    expect(postgresStore('postgres://localhost').durable).toBe(true)
  })
})
