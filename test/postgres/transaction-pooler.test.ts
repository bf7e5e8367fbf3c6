import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { sharedStoreContract } from '../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { entryRecord, put } from '../../src/testing/store-records.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'
import { TransactionPooler } from './transaction-pooler.ts'

const place = postgresPlace()
let pooler: TransactionPooler

beforeAll(async () => {
  const { port } = await place.database()
  pooler = await TransactionPooler.start(port)
})
afterAll(async () => {
  await pooler.stop()
  await place.clear()
})

describe('postgresStore behind a pooler in transaction mode', () => {
  it('runs no two transactions of a client on the same connection', async () => {
    const { url, port } = await place.database()
    const client = new pg.Client({ connectionString: url('app').replace(`:${port}/`, `:${pooler.port}/`) })
    await client.connect()
    const pids: unknown[] = []
    for (let turn = 0; turn < 4; turn++) {
      const { rows } = await client.query(`select pg_backend_pid() as pid, set_config('a.b', 'kept', false)`)
      pids.push(rows[0]?.pid)
    }
    await client.query('begin')
    for (let turn = 0; turn < 2; turn++)
      pids.push((await client.query('select pg_backend_pid() as pid')).rows[0]?.pid)
    await client.query('commit')
    const [first, second] = pids
    expect(second).not.toBe(first)
    // Connections are used again, and what a client set remains.
    expect(pids.slice(2, 4)).toEqual([first, second])
    expect(pids[5]).toBe(pids[4])
    const named = { name: 'same', text: 'select 1' }
    await client.query(named)
    await expect(client.query(named)).rejects.toThrow('does not exist')
    await client.end()
  })

  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => storeIn(await place.emptied(), {}, pooler.port))
  })

  it.each(sharedStoreContract)('shares its rows with another store: $title', async ({ run }) => {
    await run(async () => {
      const database = await place.emptied()
      return [storeIn(database, {}, pooler.port), storeIn(database, {}, pooler.port)]
    })
  })

  it('creates the tables through it', async () => {
    const database = await place.empty()
    const stores = Array.from({ length: 4 }, () => storeIn(database, {}, pooler.port))
    await Promise.all(stores.map((store) => store.open()))
    await stores[0]?.apply('home', [put(entryRecord())])
    for (const store of stores) {
      expect(await store.getEntry('home', 'entry-1')).toEqual(entryRecord())
      await store.close()
    }
  })
})
