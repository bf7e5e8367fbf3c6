import { afterAll, describe, expect, it } from '@jest/globals'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { sharedStoreContract } from '../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
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

  it('is durable', () => {
    expect(postgresStore('postgres://localhost').durable).toBe(true)
  })
})
