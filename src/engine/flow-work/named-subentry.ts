import type { CheckSubentryResult } from '../../../machines/subentry-result.ts'
import type { SubentryName, SubentryRefused } from '../../authoring/subentry.ts'
import { titleFrom } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import {
  EntryNotLoadedError,
  ReauthRequiredError,
  RefreshFailedError,
  UnknownEntryError,
} from '../../errors.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'

type NamedOrRefused = Extract<CheckSubentryResult, { type: 'named' | 'refused' }>

/**
 * Validates the return value of `name` or `check` of a sub-entry type. @throws Error if the integration violates the
 * contract
 */
export function namedSubentry(
  { type, title, fullForm }: CompiledSubentry,
  answer: SubentryName | SubentryRefused | undefined,
): NamedOrRefused {
  if (typeof answer !== 'object' || answer === null)
    throw new Error(`name or check of the sub-entry type "${type}" did not return an object.`)
  if ('error' in answer) {
    const code = /^[a-z][a-z_]{0,63}$/.test(answer.error) ? answer.error : 'invalid'
    const { field = '' } = answer
    return { type: 'refused', errors: { [fullForm.order.includes(field) ? `/${field}` : 'base']: { code } } }
  }
  const { uniqueId = null } = answer
  if (uniqueId !== null && !isUniqueId(uniqueId)) {
    throw new Error(
      `name or check of the sub-entry type "${type}" returned an invalid uniqueId. Return a non-empty string, or null.`,
    )
  }
  return { type: 'named', named: { title: titleFrom(answer.title, title), uniqueId } }
}

/** Returns the failure of using the entry's connection; null if the error has another cause. */
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
