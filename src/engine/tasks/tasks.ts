import type { Task, TaskClaim } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'
import { underDeadline } from '../lib/deadline.ts'
import { loggedError } from '../lib/redact.ts'

/** The time of one turn of a task in milliseconds. */
const TURN_TIMEOUT = 5 * 60_000

/** The scope of leases that belong to none. Hosts cannot use it. */
const NO_SCOPE = ''

/** The recurring tasks of the engine. Each turn has a deadline, and its failure is logged. */
export class Tasks {
  readonly #core: Core
  readonly #tasks: readonly Task[]
  #isStarted = false

  constructor(core: Core, tasks: readonly Task[]) {
    this.#core = core
    this.#tasks = tasks.map((task) => ({ ...task, run: (signal) => this.#run(task, signal) }))
  }

  async start(): Promise<void> {
    if (this.#isStarted) return
    this.#isStarted = true
    const { jobs, clock, log } = this.#core
    await jobs.start(this.#tasks, {
      clock,
      claim: (task) => this.#claim(task),
      report: (error, task) =>
        task === null
          ? log.error({ error: loggedError(error) }, 'The recurring tasks cannot run.')
          : log.error({ task, error: loggedError(error) }, 'A task failed.'),
    })
  }

  async stop(): Promise<void> {
    if (this.#isStarted) await this.#core.jobs.stop()
  }

  async #claim(task: string): Promise<TaskClaim | null> {
    const lease = await this.#core.leases.claim({ scope: NO_SCOPE, kind: 'task', id: task })
    if (lease === null) return null
    const lost = new AbortController()
    lease.onLost = () => lost.abort()
    return { lost: lost.signal, release: () => lease.release() }
  }

  async #run({ name, run }: Task, signal: AbortSignal): Promise<void> {
    const { clock, log, telemetry } = this.#core
    const late = () => new Error(`The turn has not ended within ${TURN_TIMEOUT} ms.`)
    try {
      await telemetry.span('task', { task: name }, () =>
        underDeadline(clock, { timeout: TURN_TIMEOUT }, late, (call) =>
          run(AbortSignal.any([signal, call.signal])),
        ),
      )
    } catch (error) {
      log.error({ task: name, error: loggedError(error) }, 'A task failed.')
    }
  }
}
