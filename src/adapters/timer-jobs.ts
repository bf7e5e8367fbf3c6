import type { Jobs, JobsHost, Task } from '../ports/jobs.ts'

/** The longest time until the first turn of a task, in milliseconds. */
const FIRST = 10_000

/** The longest time until the next look at a task that another process runs, in milliseconds. */
const LOOK = 10_000

/** The turns of one task, on a timer. */
class TaskTimer {
  readonly #task: Task
  readonly #host: JobsHost
  readonly #ended = new AbortController()
  #timer: unknown
  #turn: Promise<void> = Promise.resolve()

  constructor(task: Task, host: JobsHost) {
    this.#task = task
    this.#host = host
    this.#schedule(Math.min(task.every, FIRST))
  }

  stop(): Promise<void> {
    this.#ended.abort()
    this.#host.clock.clearTimeout(this.#timer)
    return this.#turn
  }

  #schedule(wait: number): void {
    this.#timer = this.#host.clock.setTimeout(() => {
      this.#turn = this.#takeTurn()
    }, wait)
  }

  async #takeTurn(): Promise<void> {
    const { name, every } = this.#task
    let wait = every
    try {
      if (!(await this.#runAlone())) wait = Math.min(every, LOOK)
    } catch (error) {
      this.#host.report(error, name)
    }
    if (!this.#ended.signal.aborted) this.#schedule(wait)
  }

  /** Runs the task if no other process does. Returns whether it did. */
  async #runAlone(): Promise<boolean> {
    const claim = await this.#host.claim(this.#task.name)
    if (claim === null) return false
    try {
      await this.#task.run(AbortSignal.any([this.#ended.signal, claim.lost]))
    } finally {
      await claim.release()
    }
    return true
  }
}

/** Runs tasks on timers of each process. A lease in the store keeps a task to one process at a time. */
export function timerJobs(): Jobs {
  let timers: readonly TaskTimer[] = []
  return {
    async start(tasks, host) {
      timers = tasks.map((task) => new TaskTimer(task, host))
    },
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()))
    },
  }
}
