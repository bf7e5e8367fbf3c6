import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { type PostgresStoreOptions, postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import type { Store } from '../../src/ports/store.ts'

const child = join(import.meta.dirname, 'server-child.ts')

/** The port of the server that all tests of a run share. The first test starts it; it stops after the run. */
async function sharedPort(): Promise<number> {
  // The workers of jest are children of the run. In one process, the run is this process.
  const run =
    process.env.JEST_WORKER_ID !== undefined && process.send !== undefined ? process.ppid : process.pid
  const folder = join(tmpdir(), `latchkey-postgres-${run}`)
  try {
    // The server runs as another user, who must be able to pass this folder.
    mkdirSync(folder, { mode: 0o755 })
    spawn(process.execPath, [child, folder, `${run}`], { detached: true, stdio: 'ignore' }).unref()
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
  const file = join(folder, 'server.json')
  for (let wait = 0; wait < 60_000; wait += 20) {
    if (existsSync(file)) {
      const { port, error } = JSON.parse(readFileSync(file, 'utf8')) as { port?: number; error?: string }
      if (port === undefined) throw new Error(error)
      return port
    }
    await setTimeout(20)
  }
  throw new Error('PostgreSQL did not start within a minute.')
}

/** A new, empty database, and the connection strings of its roles. */
export interface PostgresDatabase {
  readonly name: string
  readonly port: number
  /** The connection string for a role. Defaults to the superuser. */
  url(role?: string): string
  /** Runs SQL on a new connection. Defaults to the superuser. */
  query<Row extends object>(text: string, values?: readonly unknown[], role?: string): Promise<Row[]>
}

/**
 * A store whose roles have no more rights than docs/guides/postgresql.md gives them. `port` is that of a proxy in front of
 * the server.
 */
export function storeIn(
  database: PostgresDatabase,
  options: PostgresStoreOptions = {},
  port = database.port,
): Store {
  const url = (role: string) => database.url(role).replace(`:${database.port}/`, `:${port}/`)
  const urls = { systemUrl: url('jobs'), ownerUrl: url('owner'), listenUrl: database.url('app') }
  return postgresStore(url('app'), { ...urls, ...options })
}

/** Creates the databases of a test file, on the server of the run. Call `clear` after all tests. */
export function postgresPlace() {
  const made: string[] = []
  let admin: Promise<pg.Client> | undefined
  let template: Promise<string> | undefined
  let spare: Promise<PostgresDatabase> | undefined
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: await sharedPort(), user: 'postgres' })
    await client.connect()
    return client
  }
  const run = async (text: string): Promise<void> => {
    admin ??= connect()
    await (await admin).query(text)
  }
  /** Creates a database that no store has opened. */
  const empty = async (): Promise<PostgresDatabase> => create('template1')
  const create = async (from: string): Promise<PostgresDatabase> => {
    const name = `test_${process.pid}_${made.length}`
    made.push(name)
    await run(`create database ${name} template ${from} owner owner`)
    const port = await sharedPort()
    const url = (role = 'postgres') => `postgres://${role}@127.0.0.1:${port}/${name}`
    return {
      name,
      port,
      url,
      async query<Row extends object>(text: string, values: readonly unknown[] = [], role?: string) {
        const client = new pg.Client({ connectionString: url(role) })
        await client.connect()
        try {
          return (await client.query<Row>(text, [...values])).rows
        } finally {
          await client.end()
        }
      },
    }
  }
  const migrated = async (): Promise<string> => {
    const database = await empty()
    const store = storeIn(database)
    await store.open()
    await store.close()
    return database.name
  }
  return {
    empty,
    /** Creates a database with tables: a copy of one that a store has opened. */
    async database(): Promise<PostgresDatabase> {
      template ??= migrated()
      return create(await template)
    },
    /** Returns the database of the last call, without its rows. Its stores must be closed. A new one takes much longer. */
    async emptied(): Promise<PostgresDatabase> {
      spare ??= this.database()
      const database = await spare
      await database.query(`do $$ declare name text; begin
        for name in select tablename from pg_tables where schemaname = 'latchkey' and tablename !~ 'migration' loop
          execute format('delete from latchkey.%I', name);
        end loop; end $$`)
      return database
    },
    /** Copies a database that no store has open, like a backup. */
    copyOf: ({ name }: PostgresDatabase): Promise<PostgresDatabase> => create(name),
    /** Replaces a database by a copy. Its connections are closed. */
    async restore({ name }: PostgresDatabase, copy: PostgresDatabase): Promise<void> {
      await run(`drop database ${name} with (force)`)
      await run(`create database ${name} template ${copy.name} owner owner`)
    },
    async clear(): Promise<void> {
      for (const name of made.splice(0)) await run(`drop database if exists ${name} with (force)`)
      await (await admin)?.end()
      admin = undefined
      template = undefined
      spare = undefined
    },
  }
}
