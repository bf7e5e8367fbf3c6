import type { Task } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'

const EVERY = 600_000

/** Changes are deleted after this time, in milliseconds. A process that has not read them by then is reset. */
const LIFETIME = 3_600_000

/** Deletes old changes from the feed of the store. */
export function purgeChanges({ store, clock }: Core): Task {
  return {
    name: 'purge_changes',
    every: EVERY,
    run: () => store.feed.purge(clock.now() - LIFETIME),
  }
}
