import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { Connections } from '../../src/adapters/postgres/connections.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { migrationsOf } from '../../src/adapters/postgres/schema.ts'
import { entryRecord, put, write } from '../../src/testing/store-records.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

const SCHEMA = 'latchkey'
const all = migrationsOf(SCHEMA)

/** The migrations of the next version. The last one takes a time. */
const next = (seconds: number): Record<string, Migration> => ({
  ...all,
  '9998_color': { up: (db) => run(db, 'alter table latchkey.entries add column color text') },
  '9999_slow': { up: (db) => run(db, `select pg_sleep(${seconds})`) },
})
const run = async (db: Kysely<unknown>, text: string): Promise<void> => {
  await sql.raw(text).execute(db)
}

async function migrateAsOwner(database: PostgresDatabase, migrations: Record<string, Migration>) {
  const connections = new Connections({
    url: database.url('owner'),
    max: 1,
    connectTimeout: 5_000,
    queryTimeout: 60_000,
  })
  try {
    await migrate(connections, SCHEMA, migrations)
  } finally {
    await connections.end()
  }
}

const applied = async (database: PostgresDatabase) =>
  (await database.query<{ name: string }>('select name from latchkey.kysely_migration order by name')).map(
    ({ name }) => name,
  )

describe('a PostgreSQL database of the previous version', () => {
  it('is migrated once if several processes of the next version start, while one of the previous writes', async () => {
    const database = await place.database()
    const previous = storeIn(database)
    await previous.open()
    await write(previous, put(entryRecord()))
    await Promise.all([1, 2, 3, 4].map(() => migrateAsOwner(database, next(0))))
    expect(await applied(database)).toEqual(Object.keys(next(0)))
    await write(previous, put(entryRecord({ entryId: 'entry-2' })))
    expect(await previous.getEntry('home', 'entry-1')).toEqual(entryRecord())
    await previous.close()
    await expect(previous.open()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
  })

  it('is unchanged if the process that migrates it is killed, and is migrated by the next', async () => {
    const database = await place.database()
    const killed = migrateAsOwner(database, next(60)).catch((error: unknown) => error)
    const sleeping = `select pid from pg_stat_activity where query = 'select pg_sleep(60)' and datname = current_database()`
    while ((await database.query(sleeping)).length === 0) await setTimeout(20)
    // The server ends the transaction of a client that is lost.
    await database.query(`select pg_terminate_backend(pid) from (${sleeping}) as client`)
    expect(await killed).toBeInstanceOf(Error)
    expect(await applied(database)).toEqual(Object.keys(all))
    const columns = `select 1 from information_schema.columns where table_schema = 'latchkey' and column_name = 'color'`
    expect(await database.query(columns)).toEqual([])
    await migrateAsOwner(database, next(0))
    expect(await database.query(columns)).toHaveLength(1)
  })

  it('keeps each table, column, index and function, so that processes of that version continue', async () => {
    const database = await place.empty()
    const parts = `
      select table_name || '.' || column_name || ' ' || data_type as part from information_schema.columns
        where table_schema = 'latchkey'
      union all select 'index ' || indexdef from pg_indexes where schemaname = 'latchkey'
      union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'latchkey'::regnamespace`
    const applied: Record<string, Migration> = {}
    let before: readonly string[] = []
    for (const [name, migration] of Object.entries(all)) {
      applied[name] = migration
      await migrateAsOwner(database, applied)
      const now = (await database.query<{ part: string }>(parts)).map(({ part }) => part)
      expect(now).toEqual(expect.arrayContaining([...before]))
      before = now
    }
    expect(before.length).toBeGreaterThan(50)
  })
})
