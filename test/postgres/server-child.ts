// Runs the PostgreSQL server of a test run, until the process with the passed pid has ended.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { createCluster, type PostgresServer, startServer } from '../../scripts/postgres-server.ts'

const [folder = '', pid = ''] = process.argv.slice(2)

/** The roles that docs/guides/postgresql.md tells operators to create. */
const ROLES = readFileSync(join(import.meta.dirname, '../../examples/operations/postgres-roles.sql'), 'utf8')

const isAlive = (): boolean => {
  try {
    process.kill(Number(pid), 0)
    return true
  } catch {
    return false
  }
}

const report = (result: object): void => {
  const file = join(folder, 'server.json')
  writeFileSync(`${file}.new`, JSON.stringify(result))
  renameSync(`${file}.new`, file)
}

// A signal that ends the test run from the terminal reaches this process, too. It ends when the run has ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
let server: PostgresServer | undefined
try {
  const data = join(folder, 'data')
  mkdirSync(data)
  createCluster(data)
  server = await startServer(data, {
    // Tests do not survive a crash of the machine.
    settings: { fsync: 'off', max_connections: '300', shared_buffers: '64MB' },
  })
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  await client.query(ROLES)
  await client.end()
  report({ port: server.port })
} catch (error) {
  report({ error: String(error) })
}
while (isAlive()) await setTimeout(250)
await server?.stop('immediate')
rmSync(folder, { recursive: true, force: true })
