import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { sharedStoreContract } from '../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { freePort } from './free-port.ts'
import { postgresPlace } from './postgres-place.ts'

/** Path of PgBouncer. It is not part of the packages of npm: jest runs this file only if the path is set. */
const PGBOUNCER = process.env.PGBOUNCER ?? ''
const NOBODY = 65_534
const place = postgresPlace()

describe('through PgBouncer in transaction mode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'))
  let pooler: ChildProcess
  let port = 0

  beforeAll(async () => {
    const database = await place.database()
    port = await freePort()
    const file = join(folder, 'pgbouncer.ini')
    const users = join(folder, 'users.txt')
    writeFileSync(users, '"postgres" ""\n')
    writeFileSync(
      file,
      `[databases]
* = host=127.0.0.1 port=${database.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = 3
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
`,
    )
    chmodSync(folder, 0o755)
    // It refuses to run as root.
    const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    pooler = spawn(PGBOUNCER, [file], { ...identity, stdio: 'ignore' })
    await listening(port)
  })
  afterAll(async () => {
    const ended = once(pooler, 'exit')
    pooler.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true })
    await place.clear()
  })

  /** Creates the stores of a case on a new database. Only notifications go to the server directly. */
  const stores = async (count: number) => {
    const { url } = await place.database()
    const pooled = new URL(url())
    pooled.port = String(port)
    return Array.from({ length: count }, () => postgresStore(pooled.href, { listenUrl: url() }))
  }

  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => {
      const [store] = await stores(1)
      if (store === undefined) throw new Error('No store was created.')
      return store
    })
  })

  it.each(sharedStoreContract)('$title', async ({ run }) => {
    await run(async () => {
      const [first, second] = await stores(2)
      if (first === undefined || second === undefined) throw new Error('No store was created.')
      return [first, second]
    })
  })
})

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    } finally {
      socket.destroy()
    }
  }
  throw new Error('PgBouncer did not start.')
}
