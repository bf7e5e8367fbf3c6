import type { CheckSubentryResult } from '../../machines/subentry-result.ts'
import { EntryNotLoadedError, ReauthRequiredError, RefreshFailedError, UnknownEntryError } from '../errors.ts'

/** Why something cannot be tried on the connection of its entry; null where that is not why. */
export function subentryFailure(error: unknown, now: number): CheckSubentryResult | null {
  if (error instanceof UnknownEntryError) return { type: 'missing' }
  if (error instanceof ReauthRequiredError) return { type: 'failed', error: 'reauth_required' }
  if (error instanceof EntryNotLoadedError) {
    return error.state === 'disabled' ? { type: 'disabled' } : { type: 'failed', error: 'entry_not_loaded' }
  }
  if (!(error instanceof RefreshFailedError)) return null
  const { reason, retryAfter } = error
  const isLimited = reason === 'rate_limited' && retryAfter !== null
  if (isLimited) return { type: 'failed', error: 'rate_limited', until: now + retryAfter * 1000 }
  return { type: 'failed', error: 'entry_not_loaded' }
}
