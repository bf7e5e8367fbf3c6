import type { Jobs, JobsHost, Task } from '../../src/ports/jobs.ts'

/** Jobs whose turns a test starts, with other ones that run by themselves if given. */
export class HandJobs implements Jobs {
  readonly #others: Jobs | undefined
  #tasks: readonly Task[] = []

  constructor(others?: Jobs) {
    this.#others = others
  }

  async start(tasks: readonly Task[], host: JobsHost): Promise<void> {
    this.#tasks = tasks
    await this.#others?.start(tasks, host)
  }

  async stop(): Promise<void> {
    await this.#others?.stop()
  }

  /** Runs one turn of a task. */
  async turn(name: string): Promise<void> {
    const task = this.#tasks.find((one) => one.name === name)
    if (task === undefined) throw new Error(`There is no task ${name}.`)
    await task.run(new AbortController().signal)
  }
}
