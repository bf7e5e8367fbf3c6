import type { Task } from '../../ports/jobs.ts'
import type { EntryRecord, Expiring } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { audit } from '../records/audit.ts'

const NAME = 'notice_expiring'

const EVERY = 10_000

/** Expiration times are processed in steps of this length in milliseconds, so that a long outage is one by one. */
const STEP = 3_600_000

const CONCURRENT = 32

/**
 * Writes a history row, and notifies listeners, when a credential begins to expire soon. The attention list includes it
 * from then on. The cursor is the expiration time up to which this was done: one process notifies, and the others follow
 * the history row. If a process dies before it moves the cursor, the next one repeats a step.
 */
export function noticeExpiring(core: Core): Task {
  const { store, clock, limits, events, log } = core

  const notice = async ({ scope, entryId }: Expiring): Promise<void> => {
    try {
      const entry = await store.getEntry(scope, entryId)
      if (entry !== undefined && needsNotice(entry)) await store.apply(scope, [noticeOf(entry, clock.now())])
      events.emit('attention_changed', { scope, entryId })
    } catch (error) {
      const fields = { scope, entryId, error: loggedError(error) }
      log.warn(fields, 'The history does not contain that a credential expires soon.')
    }
  }

  return {
    name: NAME,
    every: EVERY,
    run: async (signal) => {
      const now = clock.now()
      const until = now + limits.expiryNotice
      const stored = await store.cursors.get(NAME)
      // The first turn of all begins with the credentials that do not expire soon yet.
      if (stored === null || !isBelievable(stored, now, limits.expiryNotice)) {
        await store.cursors.move(NAME, stored, until)
        return
      }
      for (let from = stored; from < until && !signal.aborted; ) {
        const to = Math.min(until, from + STEP)
        await concurrently(CONCURRENT, await store.findExpiring(from, to), notice)
        // Another process has moved it.
        if (!(await store.cursors.move(NAME, from, to))) return
        from = to
      }
    },
  }
}

/** Whether a user can do something: the attention list contains neither disabled nor ignored entries. */
const needsNotice = ({ disabled, ignored }: EntryRecord): boolean => !disabled && ignored !== true

const noticeOf = ({ scope, entryId, revision }: EntryRecord, at: number) =>
  audit({ scope, at, who: ENGINE, entryId, kind: 'credential_expiring', revision })
