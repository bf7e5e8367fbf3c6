import type { Clock } from '../../src/index.ts'

/**
 * The clock of a process that starts once the leases of a dead one have lapsed: it is a minute ahead. Until then, the
 * flow that the dead process worked on shows a submit in progress.
 */
export const laterClock: Clock = {
  now: () => Date.now() + 60_000,
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
