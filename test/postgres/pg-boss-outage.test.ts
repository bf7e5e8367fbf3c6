import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createCluster, type PostgresServer, startServer } from '../../scripts/postgres-server.ts'
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import type { Jobs } from '../../src/ports/jobs.ts'
import { clock } from './real-clock.ts'

describe('pgBossJobs while the database is down', () => {
  let folder = ''
  let server: PostgresServer
  let jobs: Jobs
  let turns = 0
  let reports: string[] = []

  const settings = { fsync: 'off' }
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(50)
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-outage-'))
    createCluster(folder)
    server = await startServer(folder, { settings })
    jobs = pgBossJobs(server.url('postgres'))
    turns = 0
    reports = []
    const task = {
      name: 'counted',
      every: 1_000,
      run: async () => {
        turns++
      },
    }
    await jobs.start([task], {
      // No minute passes on a slow machine: after one, a failure is reported again.
      clock: { ...clock, now: () => 0 },
      claim: async () => null,
      report: (error, failed) => reports.push(`${failed}: ${error}`),
    })
    await until(() => turns >= 1)
  })
  afterEach(async () => {
    await jobs.stop()
    await server.stop('immediate')
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(['fast', 'immediate'] as const)('continues after each %s stop and a start', async (mode) => {
    for (let outage = 0; outage < 2; outage++) {
      await server.stop(mode)
      await sleep(2_000)
      const before = turns
      server = await startServer(folder, { port: server.port, settings })
      await until(() => turns >= before + 2)
    }
    // Each call fails during the outage. Each failure is reported once, even if others come between.
    expect(reports.length).toBeGreaterThanOrEqual(1)
    expect(reports).toEqual([...new Set(reports)])
    expect(reports.join()).toMatch(/null: .*(terminat|ECONNREFUSED|shutting down)/)
  })

  it('can stop', async () => {
    await server.stop('immediate')
    const since = Date.now()
    await jobs.stop()
    expect(Date.now() - since).toBeLessThan(10_000)
  })

  it('rejects at start, with a reason', async () => {
    await server.stop('immediate')
    const started = pgBossJobs(server.url('postgres')).start([], {
      clock,
      claim: async () => null,
      report: () => {},
    })
    await expect(started).rejects.toThrow('ECONNREFUSED')
  })
})
