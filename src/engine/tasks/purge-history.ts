import type { Task } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'

const EVERY = 3_600_000

/** The number of rows that are deleted at once. Other writes wait for them. */
const BATCH = 1_000

/** Deletes history rows after `limits.history`. */
export function purgeHistory({ store, clock, limits }: Core): Task {
  return {
    name: 'purge_history',
    every: EVERY,
    run: async (signal) => {
      if (limits.history === Number.POSITIVE_INFINITY) return
      const before = clock.now() - limits.history
      while (!signal.aborted && (await store.purgeAudit(before, BATCH)));
    },
  }
}
