/** The tolerated difference between the clocks of two processes, in milliseconds. */
const CLOCK_SKEW = 5_000

/**
 * Whether a stored time can be true: no process writes one that is further ahead than `most` milliseconds. A time
 * further ahead was written while a clock was wrong.
 */
export const isBelievable = (time: number, now: number, most: number): boolean =>
  time <= latestBelievable(now, most)

/** Returns the latest time that can be true. */
export const latestBelievable = (now: number, most: number): number => now + most + CLOCK_SKEW

/** Whether a stored time is still ahead. A time that cannot be true has passed. */
export const isAhead = (time: number | null | undefined, now: number, most: number): time is number =>
  time != null && time > now && isBelievable(time, now, most)
