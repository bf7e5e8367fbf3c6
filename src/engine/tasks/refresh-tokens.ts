import type { Task } from '../../ports/jobs.ts'
import type { EntryName } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { loggedError } from '../lib/redact.ts'

const EVERY = 10_000

/** The longest duration of a turn in milliseconds. The next turn continues. */
const TURN = 60_000

const PAGE_SIZE = 100

const CONCURRENT = 8

/**
 * Refreshes the tokens that are due although no call needs them, so that a credential that no longer works reaches a
 * user. `refresh` refreshes one.
 */
export function refreshTokens(core: Core, refresh: (entry: EntryName) => Promise<void>): Task {
  const { store, clock, log } = core
  return {
    name: 'refresh_tokens',
    every: EVERY,
    run: async (signal) => {
      const end = clock.now() + TURN
      const seen = new Set<string>()
      while (!signal.aborted && clock.now() < end) {
        const due = await store.findRefreshDue(clock.now(), PAGE_SIZE)
        // One that is still due after its turn has failed, or another process refreshes it.
        const rows = due.filter(({ scope, entryId }) => !seen.has(`${scope}\n${entryId}`))
        if (rows.length === 0) return
        await concurrently(CONCURRENT, rows, async (entry) => {
          const { scope, entryId } = entry
          seen.add(`${scope}\n${entryId}`)
          try {
            await refresh(entry)
          } catch (error) {
            log.warn(
              { scope, entryId, error: loggedError(error) },
              'A token that is due could not be refreshed.',
            )
          }
        })
      }
    },
  }
}
