import type { LeaseTerm } from '../ports/lease.ts'

/** The duration of the leases, in milliseconds. Long enough that none lapses by the clock of a database. */
export const LONG = 600_000

/** A duration that is over at once, and how long the tests wait for it. */
export const SHORT = 20

/** The time of the callers. */
export const now = Date.now()

/** Returns the term of a holder. */
export const term = (holder: string, ms = LONG, at = now): LeaseTerm => ({ holder, ms, now: at })

/** Waits until a short lease has lapsed by the clock of a database, and returns the time for other stores. */
export async function later(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3 * SHORT))
  return now + 3 * SHORT
}
