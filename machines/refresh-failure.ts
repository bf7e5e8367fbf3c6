import type { ConnectFailure } from './check-result.ts'

/** The error codes of a failed refresh. `client_refused`: the service refuses the host's application. */
export type RefreshError = ConnectFailure | 'setup_error' | 'client_refused'

/** A refresh that keeps failing, as stored with the entry. */
export interface RefreshFailure {
  /** The time of the first failure in milliseconds since the epoch. */
  readonly since: number
  /** The error code of the last failure. */
  readonly reason: string
  /** Whether the user must know of it. */
  readonly overdue: boolean
}

/** A failure of a refresh. `usable`: whether calls can still use the stored token. */
export interface FailedRefresh {
  readonly reason: string
  readonly now: number
  readonly usable: boolean
}

/** A user must know of a refresh that has failed for this time, in milliseconds. */
const PATIENCE = 86_400_000

/** The shorter time after a permanent failure, if the token has expired. */
const SHORT_PATIENCE = 3_600_000

/**
 * Returns the failure to store, given the stored one. A start time in the future is not believed. The wrong client of
 * the operator is not a failure of the entry, so the time starts again before and after it.
 */
export function nextFailure(
  before: RefreshFailure | null | undefined,
  { reason, now, usable }: FailedRefresh,
): RefreshFailure {
  const isOther = (before?.reason === 'client_refused') !== (reason === 'client_refused')
  const since = before == null || before.since > now || isOther ? now : before.since
  const patience = reason === 'setup_error' && !usable ? SHORT_PATIENCE : PATIENCE
  return { since, reason, overdue: reason !== 'client_refused' && now - since >= patience }
}
