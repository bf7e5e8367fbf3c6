import assert from 'node:assert/strict'
import type { Clock } from '../ports/clock.ts'
import type { Jobs, JobsHost, Task } from '../ports/jobs.ts'

/** The common place of the tasks of all processes of a test, for example one database. */
export interface JobsPlace {
  /** The clock of all processes. */
  readonly clock: Clock
  /** Creates the jobs of another process. */
  process(): Jobs
  /** Lets time pass, and lets work end that is due. */
  pass(milliseconds: number): Promise<void>
}

/** One requirement of the port, and its test. `run` rejects if the jobs do not meet it. */
export interface JobsCase {
  readonly title: string
  /** `make` must return a new place for each call. The test stops all jobs that it starts. */
  run(make: () => Promise<JobsPlace>): Promise<void>
}

const EVERY = 1_000

/** The processes of a test, and the tasks whose failures they reported. */
class World {
  readonly failures: (string | null)[] = []
  readonly #place: JobsPlace
  readonly #started: Jobs[] = []
  readonly #claimed = new Set<string>()

  constructor(place: JobsPlace) {
    this.#place = place
  }

  /** Starts tasks in a new process. */
  async start(...tasks: readonly Task[]): Promise<Jobs> {
    const jobs = this.#place.process()
    this.#started.push(jobs)
    await jobs.start(tasks, this.#host)
    return jobs
  }

  /** Starts stopped jobs again. */
  restart(jobs: Jobs, ...tasks: readonly Task[]): Promise<void> {
    return jobs.start(tasks, this.#host)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((jobs) => jobs.stop()))
  }

  pass(milliseconds: number): Promise<void> {
    return this.#place.pass(milliseconds)
  }

  /** Waits for a condition, for at most a minute. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const { clock } = this.#place
    const end = clock.now() + 60_000
    for (; !holds(); await this.pass(100)) assert.ok(clock.now() < end, `${what} within a minute`)
  }

  /** Waits for a time, as a turn of a task does. */
  rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#place.clock.setTimeout(() => resolve(), milliseconds))
  }

  get #host(): JobsHost {
    return {
      clock: this.#place.clock,
      claim: async (task) => {
        if (this.#claimed.has(task)) return null
        this.#claimed.add(task)
        return {
          lost: new AbortController().signal,
          release: async () => {
            this.#claimed.delete(task)
          },
        }
      },
      report: (_error, task) => this.failures.push(task),
    }
  }
}

const jobsCase = (title: string, check: (world: World) => Promise<void>): JobsCase => ({
  title,
  async run(make) {
    const world = new World(await make())
    try {
      await check(world)
    } finally {
      await world.stop()
    }
  },
})

/**
 * The requirements of all {@link Jobs}, for any test runner. A separate test must show that another process takes
 * over a task within 30 seconds after a kill.
 *
 * @example
 * ```ts
 * import { jobsContract, type JobsPlace } from 'latchkey/testing'
 *
 * export async function check(make: () => Promise<JobsPlace>) {
 *   for (const { title, run } of jobsContract) await run(make).catch((error) => console.error(title, error))
 * }
 * ```
 */
export const jobsContract: readonly JobsCase[] = [
  jobsCase('runs each task again and again', async (world) => {
    const turns = { one: 0, two: 0 }
    const count = (name: 'one' | 'two'): Task => ({
      name,
      every: EVERY,
      run: async () => {
        turns[name]++
      },
    })
    await world.start(count('one'), count('two'))
    await world.until('three turns', () => turns.one >= 3 && turns.two >= 3)
  }),
  jobsCase('runs a task in one process at a time, and its turns one after another', async (world) => {
    let running = 0
    let most = 0
    let turns = 0
    const task: Task = {
      name: 'slow',
      every: EVERY,
      run: async () => {
        most = Math.max(most, ++running)
        await world.rest(1_500)
        running--
        turns++
      },
    }
    for (let count = 0; count < 3; count++) await world.start(task)
    await world.until('three turns', () => turns >= 3)
    assert.equal(most, 1)
  }),
  jobsCase('runs the other tasks while one takes long', async (world) => {
    let isLong = false
    let turns = 0
    const long: Task = {
      name: 'long',
      every: EVERY,
      run: async (signal) => {
        isLong = true
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    }
    const short: Task = {
      name: 'short',
      every: EVERY,
      run: async () => {
        if (isLong) turns++
      },
    }
    await world.start(long, short)
    await world.until('three turns', () => turns >= 3)
  }),
  jobsCase('reports a task that fails, and runs it again', async (world) => {
    let turns = 0
    const task: Task = {
      name: 'failing',
      every: EVERY,
      run: async () => {
        turns++
        throw new Error('The turn failed.')
      },
    }
    await world.start(task)
    await world.until('three turns', () => turns >= 3)
    assert.ok(world.failures.length >= 2)
    assert.equal(world.failures[0], 'failing')
  }),
  jobsCase('stops: fires the signal of a turn, waits for its end, and begins no other', async (world) => {
    const seen: string[] = []
    const task: Task = {
      name: 'stopped',
      every: EVERY,
      run: async (signal) => {
        seen.push('begun')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        seen.push('signal')
        await Promise.resolve()
        seen.push('ended')
      },
    }
    const jobs = await world.start(task)
    await world.until('a turn', () => seen.length === 1)
    await jobs.stop()
    assert.deepEqual(seen, ['begun', 'signal', 'ended'])
    await world.pass(3 * EVERY)
    assert.equal(seen.length, 3)
  }),
  jobsCase('continues in another process after one stops', async (world) => {
    const turns = [0, 0]
    const task = (process: 0 | 1): Task => ({
      name: 'shared',
      every: EVERY,
      run: async () => {
        turns[process] = (turns[process] ?? 0) + 1
      },
    })
    const one = await world.start(task(0))
    await world.until('a turn', () => turns[0] === 1)
    await world.start(task(1))
    await one.stop()
    const [before] = turns
    await world.until('two turns', () => (turns[1] ?? 0) >= 2)
    assert.equal(turns[0], before)
  }),
  jobsCase('starts again after it stopped', async (world) => {
    let turns = 0
    const task: Task = {
      name: 'again',
      every: EVERY,
      run: async () => {
        turns++
      },
    }
    const jobs = await world.start(task)
    await jobs.stop()
    await jobs.stop()
    await world.restart(jobs, task)
    const before = turns
    await world.until('a turn', () => turns > before)
  }),
]
