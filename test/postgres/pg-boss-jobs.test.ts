import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { jobsContract } from '../../src/testing/jobs-contract.ts'
import { type PostgresDatabase, postgresPlace } from './postgres-place.ts'
import { clock } from './real-clock.ts'

const databases = postgresPlace()
const children: Process[] = []
const forProcesses: PostgresDatabase[] = []
beforeAll(async () => {
  for (let count = 0; count < 3; count++) forProcesses.push(await databases.database())
})
afterAll(async () => {
  for (const { child } of children) child.kill('SIGKILL')
  await databases.clear()
})

/** A process that runs an endless task, and the events that it has reported. */
class Process {
  readonly child: ChildProcess
  readonly events: unknown[] = []

  constructor(url: string) {
    this.child = fork(join(import.meta.dirname, 'jobs-child.ts'), [url], { execArgv: [] })
    this.child.on('message', (event) => this.events.push(event))
    children.push(this)
  }

  /** Waits until the process has reported an event. Returns the milliseconds that this took. */
  async has(event: string): Promise<number> {
    const since = Date.now()
    while (!this.events.includes(event)) {
      if (this.child.exitCode !== null) throw new Error(`The process ended before it reported ${event}.`)
      await sleep(20)
    }
    return Date.now() - since
  }
}

/** Two processes. The first one is in the middle of a turn. */
async function twoProcesses() {
  const database = forProcesses.pop()
  if (database === undefined) throw new Error('Each test needs one database.')
  const first = new Process(database.url())
  await first.has('begun')
  const second = new Process(database.url())
  await second.has('started')
  return { first, second }
}

describe('pgBossJobs', () => {
  it.each(jobsContract)('$title', ({ run }) =>
    run(async () => {
      const database = await databases.database()
      return { clock, process: () => pgBossJobs(database.url()), pass: (time) => sleep(time) }
    }),
  )
})

describe('a role of pgBossJobs with few rights', () => {
  const host = { clock, report: (error: unknown) => expect(error).toBeUndefined(), claim: async () => null }

  it('is enough if the role owns the schema', async () => {
    const database = await databases.database()
    await database.query('create schema pgboss authorization jobs')
    const jobs = pgBossJobs(database.url('jobs'))
    let turns = 0
    await jobs.start([{ name: 'count', every: 1_000, run: async () => void turns++ }], host)
    while (turns === 0) await sleep(20)
    await jobs.stop()
  })

  it('is reported with the statement that creates the schema for it', async () => {
    const jobs = pgBossJobs((await databases.database()).url('jobs'))
    await expect(jobs.start([], host)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('create schema pgboss authorization'),
    })
  })
})

describe('pgBossJobs in several processes', () => {
  it.concurrent('replaces a process that is killed in the middle of a turn within 30 seconds', async () => {
    const { first, second } = await twoProcesses()
    first.child.kill('SIGKILL')
    expect(await second.has('begun')).toBeLessThan(30_000)
  })

  it.concurrent('replaces a paused process, and ends its turn after it continues', async () => {
    const { first, second } = await twoProcesses()
    first.child.kill('SIGSTOP')
    expect(await second.has('begun')).toBeLessThan(30_000)
    first.child.kill('SIGCONT')
    await first.has('signal')
    // The turn of the other process goes on, and it is the only one.
    await sleep(2_000)
    expect(second.events).toEqual(['started', 'begun'])
    expect(first.events.filter((event) => event === 'begun')).toHaveLength(1)
  })

  it.concurrent('runs a task in the other process at once if one stops', async () => {
    const { first, second } = await twoProcesses()
    first.child.send('stop')
    expect(await second.has('begun')).toBeLessThan(8_000)
    expect(first.events).toEqual(['started', 'begun', 'signal'])
  })
})

describe('the problems of pgBossJobs', () => {
  it('are the missing schema, the missing index, or none', async () => {
    const database = await databases.database()
    const jobs = pgBossJobs(database.url())
    expect(await jobs.problems?.()).toEqual([
      expect.stringMatching(/^pg-boss cannot use its schema "pgboss": .* creates it\.$/),
    ])
    await jobs.start([], { clock, claim: async () => null, report: () => {} })
    await jobs.stop()
    expect(await jobs.problems?.()).toEqual([])
    const [index] = await database.query<{ name: string }>(
      `select indexname as name from pg_indexes where schemaname = 'pgboss' and indexname like '%i6' limit 1`,
    )
    await database.query(`drop index pgboss.${index?.name}`)
    await database.query('alter table pgboss.queue add column more text')
    expect(await jobs.problems?.()).toEqual([
      expect.stringContaining(`the index ${index?.name} is missing, the columns of queue have changed`),
    ])
  })

  it('are reported if the database cannot be reached', async () => {
    expect(await pgBossJobs('postgres://jobs@127.0.0.1:1/none').problems?.()).toEqual([
      expect.stringContaining('ECONNREFUSED'),
    ])
  })

  it.each([
    ['', {}],
    ['postgres://db', { schema: 'Not valid' }],
    ['postgres://db', { connections: 0 }],
  ])('a configuration that is not valid: %p %p', (url, options) => {
    expect(() => pgBossJobs(url, options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
  })
})
