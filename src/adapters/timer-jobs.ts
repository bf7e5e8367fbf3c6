import type { Jobs, JobsHost, Task } from '../ports/jobs.ts'

/** The longest time until the first turn of a task, in milliseconds. */
const FIRST = 10_000

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
      this.#turn = this.#run()
    }, wait)
  }

  async #run(): Promise<void> {
    try {
      await this.#task.run(this.#ended.signal)
    } catch (error) {
      this.#host.report(`The task ${this.#task.name} failed.`, error)
    }
    if (!this.#ended.signal.aborted) this.#schedule(this.#task.every)
  }
}

/** Runs tasks on timers of this process. */
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
