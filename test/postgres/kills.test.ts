import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import {
  createCluster,
  type PostgresServer,
  startServer,
  temporaryFolder,
} from '../../scripts/postgres-server.ts'
import { createLatchkey } from '../../src/index.ts'
import { openStoreAt } from '../crash/store-at.ts'
import { randomFrom } from '../stories/random-stops.ts'
import { checkPromises } from './load-check.ts'
import { LoadHosts } from './load-hosts.ts'
import { AWAY, loadIntegration, loginFor } from './load-integration.ts'

const PROCESSES = 4
const ENTRIES = 20
/** The number of killed processes: 500 in the long run. */
const KILLS = Number(process.env.KILLS ?? 5)
/** The number of times that PostgreSQL is stopped and started: 20 in the long run. */
const RESTARTS = Number(process.env.RESTARTS ?? 2)
const SEED = Number(process.env.SEED ?? 1)
const random = randomFrom(SEED)

// The machine may be busy.
jest.setTimeout(600_000 + KILLS * 6_000)

describe('four processes under load', () => {
  // A server that keeps its promises: the one of the other tests does not sync its files.
  const folder = temporaryFolder('kills')
  const data = join(folder, 'data')
  let server: PostgresServer
  let hosts: LoadHosts
  let database = ''
  let count = 0

  beforeAll(async () => {
    createCluster(data)
    server = await startServer(data)
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    database = `kills_${++count}`
    await query('postgres', `create database ${database}`)
    await linkAccounts()
    hosts = new LoadHosts(server.url(database), SEED * 1_000)
    await hosts.start(PROCESSES)
  })
  afterEach(() => hosts.clear())

  async function query<Row extends object>(name: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: server.url(name) })
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }

  /** Links the accounts that processes under load repair. */
  async function linkAccounts(): Promise<void> {
    const store = openStoreAt(server.url(database))
    const { flows, stop } = await createLatchkey({ integrations: [loadIntegration(random)], store })
    for (let at = 0; at < ENTRIES; at++) {
      const form = await flows.start({ domain: 'load', source: 'user' })
      await flows.submit(form.flowId, loginFor(`account-${at}`, 'first'), form)
    }
    await stop()
  }

  const pause = (atMost: number) => new Promise((resolve) => setTimeout(resolve, random() * atMost))

  /** Lets the processes end, and checks the rows that they have left. */
  async function checkAll(): Promise<void> {
    expect(await hosts.stop()).toEqual(Array.from({ length: PROCESSES }, () => 0))
    expect(hosts.printed).toEqual([])
    const store = openStoreAt(server.url(database))
    await store.open()
    await checkPromises(store, hosts.told)
    await store.close()
    const [row] = await query(
      database,
      'select deadlocks from pg_stat_database where datname = current_database()',
    )
    expect(row).toEqual({ deadlocks: '0' })
    // The numbers of the feed have no gap.
    const gaps = await query(
      database,
      `select h.scope from latchkey.heads h left join latchkey.changes c using (scope)
        group by h.scope, h.seq having count(c.seq) <> h.seq or max(c.seq) <> h.seq`,
    )
    expect(gaps).toEqual([])
    expect(hosts.told.filter(({ type }) => type === 'saved').length).toBeGreaterThan(PROCESSES)
  }

  it(`keep every promise when ${KILLS} of them are killed`, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(300)
      await hosts.kill(Math.floor(random() * PROCESSES))
    }
    await checkAll()
    // No call was refused for a reason that only a database that is away has.
    expect(hosts.told.filter((one) => one.type === 'refused' && AWAY.includes(one.code))).toEqual([])
  })

  it(`keep every promise when PostgreSQL is stopped and started ${RESTARTS} times`, async () => {
    for (let restart = 0; restart < RESTARTS; restart++) {
      await pause(1_000)
      const { port } = server
      await server.stop(restart % 2 === 0 ? 'fast' : 'immediate')
      await pause(500)
      server = await startServer(data, { port })
    }
    await pause(1_000)
    await checkAll()
  })
})
