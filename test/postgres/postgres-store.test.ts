import { afterAll, describe, expect, it } from '@jest/globals'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { sharedStoreContract } from '../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { entryRecord, put } from '../../src/testing/store-records.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

describe('postgresStore', () => {
  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => storeIn(await place.database()))
  })

  it.each(sharedStoreContract)('shares its rows with another store: $title', async ({ run }) => {
    await run(async () => {
      const database = await place.database()
      return [storeIn(database), storeIn(database)]
    })
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

  it('is durable', () => {
    expect(postgresStore('postgres://localhost').durable).toBe(true)
  })
})
