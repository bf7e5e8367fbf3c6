import type { Clock } from '../../src/ports/clock.ts'

/** The clock of this machine, for parts that run on the clock of a database. */
export const clock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
