import { REMOVAL_LIFETIME } from '../../../machines/entry-removal-setup.ts'
import type { Task } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { latestBelievable } from '../lib/stored-time.ts'
import { settleRemoval } from './removals.ts'

const EVERY = 5_000

/** The number of removals of one turn. The next turn continues. */
const PAGE_SIZE = 200

const CONCURRENT = 8

/** Informs the services of removed entries whose first attempt has failed, or was lost with its process. */
export function informServices(core: Core): Task {
  const { store, clock } = core
  return {
    name: 'inform_services',
    every: EVERY,
    run: async (signal) => {
      const now = clock.now()
      const due = await store.removals.due(now, PAGE_SIZE, latestBelievable(now, REMOVAL_LIFETIME))
      await concurrently(CONCURRENT, [...due], async (row) => {
        if (!signal.aborted) await settleRemoval(core, row)
      })
    },
  }
}
