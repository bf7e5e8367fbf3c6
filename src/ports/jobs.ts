import type { Clock } from './clock.ts'

/** Recurring work of the engine. Due times are stored in the rows, so a missed turn loses nothing. */
export interface Task {
  /** Unique among the tasks of a host. Consists of the letters a to z and `_`. */
  readonly name: string
  /** The time between two turns in milliseconds, at least 1,000. */
  readonly every: number
  /**
   * Does one turn. The engine gives it a deadline. `signal` fires when the process stops, or when another process has
   * taken over: the turn then ends early.
   */
  run(signal: AbortSignal): Promise<void>
}

/** The right of this process to run a task, until it is released or lost. */
export interface TaskClaim {
  /** Fires when another process may have taken the task. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** The engine, as jobs see it. */
export interface JobsHost {
  /** The clock of the engine. */
  readonly clock: Clock
  /**
   * Claims a task for this process by a lease in the store. Returns null if another process runs it. For jobs that cannot
   * know this by themselves.
   */
  claim(task: string): Promise<TaskClaim | null>
  /** Logs a failure of a task, or of the jobs themselves (`null`). */
  report(error: unknown, task: string | null): void
}

/**
 * Runs recurring tasks. At most one process runs a task at a time, and if that process dies, another one runs the task
 * within 30 seconds. A task that fails has its next turn nevertheless.
 */
export interface Jobs {
  /**
   * Begins to run tasks. Resolves after the first turn of each is planned. Call it once, or again after `stop()`.
   *
   * @throws an error if the tasks cannot run, for example because a database cannot be reached
   */
  start(tasks: readonly Task[], host: JobsHost): Promise<void>
  /** Ends all tasks. Fires the signal of the turns that run, and waits for their end. */
  stop(): Promise<void>
  /** Returns the problems that an operator must solve, as sentences. Works before `start()`. Absent without problems. */
  problems?(): Promise<readonly string[]>
}
