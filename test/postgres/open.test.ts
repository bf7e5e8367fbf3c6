import { afterAll, describe, expect, it } from '@jest/globals'
import { type PostgresStoreOptions, postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { entryRecord, put, write } from '../../src/testing/store-records.ts'
import { postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

describe('postgresStore.open', () => {
  it('creates the tables once, also if ten processes open the database at once', async () => {
    const database = await place.empty()
    const stores = Array.from({ length: 10 }, () => storeIn(database))
    await Promise.all(stores.map((store) => store.open()))
    const [first] = stores
    await first?.apply('home', [put(entryRecord())])
    for (const store of stores) expect(await store.getEntry('home', 'entry-1')).toEqual(entryRecord())
    await Promise.all(stores.map((store) => store.close()))
  })

  it('refuses a database of a newer version, and leaves it unchanged', async () => {
    const database = await place.database()
    await database.query(`insert into latchkey.kysely_migration (name, timestamp) values ('9999_newer', '')`)
    const migrations = () => database.query('select name from latchkey.kysely_migration order by name')
    const before = await migrations()
    await expect(storeIn(database).open()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    expect(await migrations()).toEqual(before)
  })

  it('lists the pending migrations without making them, also for a role that could not', async () => {
    const database = await place.empty()
    const store = storeIn(database, { ownerUrl: database.url('owner') })
    const { isNew, pending } = (await store.migrations?.()) ?? {}
    expect([isNew, pending?.[0]]).toEqual([true, '0001_first'])
    expect(await database.query(`select 1 from pg_namespace where nspname = 'latchkey'`)).toEqual([])
    await store.open()
    await store.close()
    expect(await store.migrations?.()).toEqual({ isNew: false, pending: [] })
    await database.query(`insert into latchkey.kysely_migration (name, timestamp) values ('9999_newer', '')`)
    await expect(store.migrations?.()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
  })

  it('can be opened again after a refusal', async () => {
    const database = await place.database()
    await database.query(`insert into latchkey.kysely_migration (name, timestamp) values ('9999_newer', '')`)
    const store = storeIn(database)
    await expect(store.open()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    await database.query(`delete from latchkey.kysely_migration where name = '9999_newer'`)
    await store.open()
    await write(store, put(entryRecord()))
    await store.close()
  })

  it('reports that a role may not create the tables', async () => {
    const database = await place.empty()
    const store = storeIn(database, { ownerUrl: database.url('app') })
    await expect(store.open()).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(/ownerUrl.* latchkey_app and latchkey_system/),
    })
  })

  it('reports a role that would not see the due rows of all scopes', async () => {
    const database = await place.database()
    const store = storeIn(database, { systemUrl: database.url('app') })
    await expect(store.open()).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('grant latchkey_system'),
    })
  })

  it.each([
    ['a table', 'create table shared.notes (text text)'],
    ['a function', `create function shared.f() returns int language sql as 'select 1'`],
  ])('refuses a schema with %s of another program, and leaves its rights', async (_, text) => {
    const database = await place.empty()
    await database.query(`create schema shared; ${text}`)
    const rights = () =>
      database.query(`select proacl, relacl from pg_namespace n left join pg_proc p on pronamespace = n.oid
        left join pg_class c on relnamespace = n.oid where nspname = 'shared'`)
    const before = await rights()
    const store = postgresStore(database.url(), { schema: 'shared' })
    await expect(store.open()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('The schema "shared" has tables or functions of another program.'),
    })
    expect(await rights()).toEqual(before)
    expect(await database.query(`select 1 from pg_roles where rolname = 'shared_app'`)).toEqual([])
  })

  it('uses an empty schema that an administrator has created', async () => {
    const database = await place.empty()
    await database.query('create schema latchkey authorization owner')
    const store = storeIn(database)
    await store.open()
    await store.close()
  })

  it.each(['systemUrl', 'ownerUrl'] as const)('refuses %s of another database', async (option) => {
    const database = option === 'systemUrl' ? await place.database() : await place.empty()
    const other = await (option === 'systemUrl' ? place.database() : place.empty())
    const store = storeIn(database, { [option]: other.url(option === 'systemUrl' ? 'jobs' : 'owner') })
    const message = expect.stringContaining(`${option} is the connection string of another database`)
    await expect(store.open()).rejects.toMatchObject({ code: 'CONFIGURATION', message })
  })

  it('takes an undefined option as one that is not set', async () => {
    const { url } = await place.empty()
    const options = { connections: undefined, queryTimeout: undefined, systemUrl: undefined }
    const store = postgresStore(url(), options as unknown as PostgresStoreOptions)
    await store.open()
    await write(store, put(entryRecord()))
    await store.close()
  })

  it.each(['', 'db.example/app', 'https://u:secret-canary@db.example/app', undefined])(
    'refuses the connection string %j without quoting it',
    (url) => {
      const refusal = { code: 'CONFIGURATION', message: expect.not.stringContaining('canary') }
      expect(() => postgresStore(url as string)).toThrow(expect.objectContaining(refusal))
      if (url === undefined) return
      for (const option of ['systemUrl', 'ownerUrl', 'listenUrl'])
        expect(() => postgresStore('postgres://localhost', { [option]: url })).toThrow(
          expect.objectContaining({ ...refusal, message: expect.stringContaining(`Invalid ${option}.`) }),
        )
    },
  )

  it('needs only one connection string if its role is a superuser', async () => {
    const { url } = await place.empty()
    const store = postgresStore(url())
    await store.open()
    await write(store, put(entryRecord()))
    expect(await store.scopes({ limit: 9 })).toEqual(['home'])
    await store.close()
  })

  it('keeps its tables in another schema', async () => {
    const database = await place.empty()
    const store = postgresStore(database.url(), { schema: 'links' })
    await store.open()
    await write(store, put(entryRecord()))
    await store.close()
    expect(await database.query('select 1 from links.entries')).toHaveLength(1)
    await database.query('drop schema links cascade')
    await database.query('drop role links_app; drop role links_system')
  })

  it.each([
    { schema: 'Links; drop' },
    { connections: 0 },
    { connectTimeout: -1 },
    { queryTimeout: Number.NaN },
  ])('refuses the options %j', (options) => {
    expect(() => postgresStore('postgres://localhost', options)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    )
  })

  it('answers before open() and after close() that it is not open', async () => {
    const store = storeIn(await place.database())
    const refusal = { code: 'STORE', message: 'The store is not open.' }
    await expect(store.getEntry('home', 'entry-1')).rejects.toMatchObject(refusal)
    await expect(write(store, put(entryRecord()))).rejects.toMatchObject(refusal)
    await store.open()
    await store.close()
    await expect(store.feed.head('home')).rejects.toMatchObject(refusal)
    await expect(store.leases.renew({ holder: 'p', ms: 1, now: 0 })).rejects.toMatchObject(refusal)
  })
})
