/** The end and the duration of a lease or reservation. */
export interface LeaseTime {
  readonly until: number
  readonly ms: number
}

/**
 * Whether a lease is still held, for stores that have no clock. One that ends further ahead than renewals can
 * put it was claimed while a clock was wrong.
 */
export const isLive = ({ until, ms }: LeaseTime, now: number): boolean => until > now && until <= now + 2 * ms
