import { PgBoss } from 'pg-boss'
import { ConfigurationError } from '../../errors.ts'
import { numberProblem } from '../../number-rules.ts'
import type { Jobs, JobsHost, Task } from '../../ports/jobs.ts'
import { problemsOf } from './problems.ts'

/** The options of {@link pgBossJobs}. */
export interface PgBossJobsOptions {
  /** The schema of pg-boss. Hosts of one database with the same schema share their tasks. Defaults to `pgboss`. */
  readonly schema?: string
  /** Maximum number of connections of a process. Defaults to 3. */
  readonly connections?: number
}

/** pg-boss takes a task from a process whose heartbeat is this old, in seconds. It allows no less. */
const HEARTBEAT = 10

/** The interval of the search for lost heartbeats, in seconds. */
const SUPERVISE = 3

/** The interval of the search for tasks of dead processes, in seconds. Turns that are due start without it. */
const POLL = 5

/** pg-boss ends a turn after this time in seconds. The deadline of the engine comes first. */
const EXPIRE = 600

/** The retention time of the rows of ended turns, in seconds. */
const RETAIN = 600

/** The interval of the deletion of these rows, in seconds. */
const MAINTAIN = 300

/** The number of processes that can die in the same turn until the next turn replaces it. */
const RETRIES = 100

/** The time in which turns must end when the process stops, in milliseconds. Another process takes over the others. */
const GRACE = 8_000

/** PostgreSQL's codes for a role with too few rights, and for a schema that does not exist. */
const INSUFFICIENT_PRIVILEGE = '42501'
const MISSING_SCHEMA = '3F000'

/** The time in which the same failure is reported only once, in milliseconds. */
const REPORT_INTERVAL = 60_000

/**
 * Runs the recurring tasks of all processes on pg-boss, in PostgreSQL. Requires `pg-boss`. Each task is a queue with one
 * job at most: flows and entries have no jobs.
 *
 * @param url - Connection string for a role that owns the schema of pg-boss, or may create it
 * @throws ConfigurationError if an option is not valid
 *
 * @example
 * ```ts
 * import { createLatchkey, joseCipher } from 'latchkey'
 * import { pgBossJobs } from 'latchkey/pg-boss'
 * import { postgresStore } from 'latchkey/postgres'
 * import { myHub } from './my-hub.ts'
 *
 * const key = Buffer.from(process.env.LATCHKEY_KEY ?? '', 'base64')
 * const jobsUrl = 'postgres://jobs@db.example/app'
 * const latchkey = await createLatchkey({
 *   integrations: [myHub],
 *   store: postgresStore('postgres://app@db.example/app', { systemUrl: jobsUrl }),
 *   cipher: joseCipher([key]),
 *   jobs: pgBossJobs(jobsUrl),
 * })
 * ```
 */
export function pgBossJobs(url: string, options: PgBossJobsOptions = {}): Jobs {
  const { schema = 'pgboss', connections = 3 } = options
  if (url === '') throw new ConfigurationError('pgBossJobs() requires the connection string of a database.')
  if (!/^[a-z_][a-z0-9_]{0,49}$/.test(schema))
    throw new ConfigurationError(
      'Invalid schema. Use a name of at most 50 letters from a to z, digits and _.',
    )
  const problem = numberProblem('connections', connections, 'count')
  if (problem !== null) throw new ConfigurationError(problem)
  let running: Running | undefined
  return {
    async start(tasks, host) {
      const start = async (createSchema: boolean): Promise<void> => {
        running = new Running(url, { schema, connections, createSchema }, host)
        await running.start(tasks)
      }
      try {
        await start(true)
      } catch (error) {
        if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error
        // PostgreSQL also refuses to create a schema that exists.
        await start(false).catch((second: unknown) => throwSchemaError(second, schema))
      }
    },
    async stop() {
      await running?.stop()
    },
    problems: () => problemsOf(url, schema),
  }
}

/** The tasks between `start()` and `stop()`. */
class Running {
  readonly #boss: PgBoss
  readonly #host: JobsHost
  readonly #ended = new AbortController()
  readonly #timers = new Map<string, unknown>()
  readonly #reportedAt = new Map<string, number>()

  constructor(
    url: string,
    { schema, connections, createSchema }: Required<PgBossJobsOptions> & { readonly createSchema: boolean },
    host: JobsHost,
  ) {
    this.#host = host
    this.#boss = new PgBoss({
      connectionString: url,
      application_name: 'latchkey jobs',
      schema,
      createSchema,
      max: connections,
      // No cron, no notifications: the store has the due times.
      schedule: false,
      useListenNotify: false,
      registerInstance: false,
      superviseIntervalSeconds: SUPERVISE,
      monitorIntervalSeconds: SUPERVISE,
      maintenanceIntervalSeconds: MAINTAIN,
    })
    this.#boss.on('error', (error) => this.#report(error))
  }

  async start(tasks: readonly Task[]): Promise<void> {
    try {
      await this.#boss.start()
      for (const task of tasks) await this.#serve(task)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    for (const timer of this.#timers.values()) this.#host.clock.clearTimeout(timer)
    await this.#boss.stop({ timeout: GRACE })
  }

  /** Runs the turns of a task that fall to this process. */
  async #serve(task: Task): Promise<void> {
    const queue = `latchkey_${task.name}`
    const options = {
      heartbeatSeconds: HEARTBEAT,
      retryLimit: RETRIES,
      retryDelay: 0,
      expireInSeconds: EXPIRE,
      // A turn that no process has begun is replaced by the next one.
      retentionSeconds: Math.max(RETAIN, secondsOf(task) * 2),
      // The row of a turn keeps the other processes from another turn in the same interval.
      deleteAfterSeconds: Math.max(RETAIN, secondsOf(task) * 2),
    }
    // One job in all states from created to active: a turn never waits behind another one.
    await this.#boss.createQueue(queue, { ...options, policy: 'exclusive' })
    await this.#boss.updateQueue(queue, options)
    const polling = { batchSize: 1, pollingIntervalSeconds: POLL }
    const worker = await this.#boss.work(queue, polling, async ([job]) => {
      if (job !== undefined) await this.#takeTurn(task, job.signal)
    })
    this.#plan(task, queue, worker, 0)
  }

  /** Asks for a turn of a task at an interval. One process is granted it, and begins it immediately. */
  #plan(task: Task, queue: string, worker: string, wait: number): void {
    const ask = async (): Promise<void> => {
      try {
        const job = await this.#boss.send(queue, null, { singletonSeconds: secondsOf(task) })
        if (job !== null) this.#boss.notifyWorker(worker)
      } catch (error) {
        this.#report(error)
      }
      if (!this.#ended.signal.aborted) this.#plan(task, queue, worker, task.every)
    }
    this.#timers.set(
      task.name,
      this.#host.clock.setTimeout(() => void ask(), wait),
    )
  }

  async #takeTurn(task: Task, lost: AbortSignal): Promise<void> {
    try {
      await task.run(AbortSignal.any([lost, this.#ended.signal]))
    } catch (error) {
      // A retry would repeat it at once. The next turn comes anyway.
      this.#host.report(error, task.name)
    }
  }

  /** Reports a failure of pg-boss. During an outage, each of its calls fails. */
  #report(thrown: unknown): void {
    if (this.#ended.signal.aborted) return
    const error = thrown instanceof Error ? thrown : asError(thrown)
    const now = this.#host.clock.now()
    for (const [message, at] of this.#reportedAt)
      if (now - at >= REPORT_INTERVAL) this.#reportedAt.delete(message)
    if (this.#reportedAt.has(error.message)) return
    this.#reportedAt.set(error.message, now)
    this.#host.report(error, null)
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

function throwSchemaError(error: unknown, schema: string): never {
  const code = codeOf(error)
  if (code !== INSUFFICIENT_PRIVILEGE && code !== MISSING_SCHEMA) throw error
  throw new ConfigurationError(
    `The role of pgBossJobs() neither owns the schema "${schema}" nor may create it. Run as a superuser in the database: create schema ${schema} authorization <role>`,
    { cause: error },
  )
}

const secondsOf = ({ every }: Task): number => Math.max(1, Math.floor(every / 1_000))

/** Converts an error event of pg-boss, which can be an object with the properties of an error. */
function asError(thrown: unknown): Error {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown
  return new Error(String(message))
}
