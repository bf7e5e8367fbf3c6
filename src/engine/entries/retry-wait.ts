import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Core } from '../kernel/core.ts'
import { isAhead } from '../lib/stored-time.ts'

/** The wait after the first failed attempt in milliseconds. It doubles with each further one. */
export const FIRST_RETRY = 5_000

const LAST_RETRY = 600_000

/** The share of the wait that is left to chance, so that entries do not retry all at once. */
const JITTER = 0.2

/**
 * The milliseconds until the next attempt to connect, after `tries` failed ones. `until` is the time in milliseconds
 * since the epoch before which the service accepts no request; null if it did not specify one.
 */
export function retryWait({ clock, random }: Core, tries: number, until: number | null): number {
  const backoff = Math.min(FIRST_RETRY * 2 ** tries, LAST_RETRY) * (1 - JITTER * random())
  const now = clock.now()
  return isAhead(until, now, MAX_RETRY_AFTER) ? Math.max(backoff, until - now) : backoff
}
