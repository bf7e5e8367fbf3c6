import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import {
  createCluster,
  type PostgresServer,
  startServer,
  temporaryFolder,
} from '../scripts/postgres-server.ts'

/** A PostgreSQL server with durable commits, for one measurement. It is removed with its scope. */
export interface PostgresPlace extends AsyncDisposable {
  readonly server: PostgresServer
  /** Creates an empty database. @returns its connection string */
  database(): Promise<string>
}

export async function postgresPlace(): Promise<PostgresPlace> {
  const folder = temporaryFolder('bench')
  const data = join(folder, 'data')
  createCluster(data)
  const server = await startServer(data, { settings: { max_connections: '200', shared_buffers: '256MB' } })
  let count = 0
  return {
    server,
    async database() {
      const name = `bench_${++count}`
      await sql(server.url('postgres'), `create database ${name}`)
      return server.url(name)
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs statements as the superuser. */
export async function sql<Row extends object>(url: string, text: string, values: readonly unknown[] = []) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
