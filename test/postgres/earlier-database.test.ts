import { afterAll } from '@jest/globals'
import { joseCipher } from '../../src/index.ts'
import { contentOf, describeEarlierDatabase, KEY } from '../fixtures/database-before-removals/opened.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

async function copy(): Promise<PostgresDatabase> {
  const database = await place.empty()
  await database.query(contentOf('postgres').toString())
  return database
}

describeEarlierDatabase('postgres', async () =>
  Object.assign(storeIn(await copy()), { cipher: joseCipher([KEY]) }),
)
