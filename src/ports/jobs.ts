import type { Clock } from './clock.ts'

/** Recurring work of the engine. Its rows say what is due, so a turn that does not take place loses nothing. */
export interface Task {
  /** Unique among the tasks of a host. Consists of the letters a to z and `_`. */
  readonly name: string
  /** The time from the end of a turn to the next one in milliseconds, at least 1,000. */
  readonly every: number
  /**
   * Does one turn. Ends within the time of the engine for a turn. `signal` fires when the process stops: the turn then
   * ends early.
   */
  run(signal: AbortSignal): Promise<void>
}

/** The engine, as jobs see it. */
export interface JobsHost {
  /** The clock of the engine. */
  readonly clock: Clock
  /** Logs a failure that no caller awaits. */
  report(message: string, error: unknown): void
}

/**
 * Runs recurring tasks. At most one process runs a task at a time. A task that fails does not stop: it has its next
 * turn.
 */
export interface Jobs {
  /** Begins to run tasks. Resolves after the first turn of each is planned. */
  start(tasks: readonly Task[], host: JobsHost): Promise<void>
  /** Ends all tasks. Fires the signal of the turns that run, and waits for their end. */
  stop(): Promise<void>
}
