import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { postgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import type { Latchkey } from '../../src/engine/api/latchkey.ts'
import { createLatchkey } from '../../src/engine/create-latchkey.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { type PostgresDatabase, postgresPlace } from './postgres-place.ts'

const databases = postgresPlace()
const hosts: Latchkey[] = []
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()))
  await databases.clear()
})

/** The number of flows that are not due: 50,000 or more in the long run. */
const PARKED = Number(process.env.PARKED_FLOWS ?? 5_000)
/** The number of flows that fall due. */
const FLOWS = 100

/** The number of jobs that have not ended, by queue. */
const jobsOf = (database: PostgresDatabase) =>
  database.query<{ name: string; count: number }>(
    `select name, count(*)::int as count from pgboss.job where state < 'completed' group by name`,
  )

describe('two hosts with pgBossJobs on one PostgreSQL', () => {
  it('have no job for a parked flow, and end each due flow once', async () => {
    const database = await databases.database()
    const key = new Uint8Array(32)
    const service = new ScriptedService()
    const open = () =>
      createLatchkey({
        integrations: [service.integration],
        store: postgresStore(database.url('app'), {
          systemUrl: database.url('jobs'),
          ownerUrl: database.url('owner'),
        }),
        cipher: joseCipher([key]),
        jobs: pgBossJobs(database.url('owner')),
        limits: { flowIdle: 4_000 },
      })
    const one = await open()
    const two = await open()
    hosts.push(one, two)
    await database.query(
      `insert into latchkey.flows (scope, flow_id, domain, open, edits, due_at, revision, record)
        select 'parked', 'flow-' || n, 'scripted', true, false, $1, 1, '{}' from generate_series(1, $2) as n`,
      [Date.now() + 10 * 60_000, PARKED],
    )
    await Promise.all(hosts.map((host) => host.start()))
    const start = () => one.flows.start({ domain: 'scripted', source: 'user' })
    const flows = await Promise.all(Array.from({ length: FLOWS }, start))

    const parked = await jobsOf(database)
    expect(parked.filter(({ name, count }) => !/^latchkey_[a-z_]+$/.test(name) || count > 1)).toEqual([])

    const ended = async () => (await two.flows.list({ limit: 1 })).items.length === 0
    while (!(await ended())) await sleep(200)
    // Each has one write after its start: its end.
    const rows = await database.query<{ open: boolean; revision: number; count: number }>(
      `select open, revision, count(*)::int as count from latchkey.flows where scope = 'default' group by 1, 2`,
    )
    expect(rows).toEqual([{ open: false, revision: 2, count: flows.length }])
  })
})
