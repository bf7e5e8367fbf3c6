import type { Task } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'

const EVERY = 3_600_000

/** Deletes history rows after `limits.history`. */
export function purgeHistory({ store, clock, limits }: Core): Task {
  return {
    name: 'purge_history',
    every: EVERY,
    run: async () => {
      if (limits.history !== Number.POSITIVE_INFINITY) await store.purgeAudit(clock.now() - limits.history)
    },
  }
}
