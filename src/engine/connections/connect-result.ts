import type { Connected } from '../../authoring/integration.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { ignore } from '../lib/ignore.ts'
import { onRejection } from '../lib/on-rejection.ts'

/** The maximum number of former unique ids of an account. */
const MAX_FORMER_IDS = 20

/** A shorter secret can be equal to an id by chance, for example a password that is the user name. */
const LONG_SECRET = 16

/** An accepted credential that ended before this time has an expiration in seconds. Ten years, in milliseconds. */
const LONG_AGO = 315_360_000_000

/** Returns the mistake in the result of a `connect` call; null if it can be used. */
export function mistakeOf(result: Connected<unknown>, secrets: readonly string[]): string | null {
  const { uniqueId, formerUniqueIds = [], dispose } = result
  if (!('client' in result)) return 'connect returned no client. Return { client, uniqueId }.'
  if (result.client instanceof Promise) {
    // The integration does not await it.
    onRejection(result.client, ignore)
    return 'connect returned a promise as client. Await it.'
  }
  if (uniqueId !== null && !isUniqueId(uniqueId))
    return 'connect returned an invalid uniqueId. Return a non-empty string, or null if the service has no ids.'
  const isList = Array.isArray(formerUniqueIds) && formerUniqueIds.length <= MAX_FORMER_IDS
  if (!isList || !formerUniqueIds.every(isUniqueId) || (uniqueId === null && formerUniqueIds.length > 0))
    return `connect returned invalid formerUniqueIds. Return up to ${MAX_FORMER_IDS} non-empty strings, and a uniqueId.`
  const long = secrets.filter(({ length }) => length >= LONG_SECRET)
  if ([uniqueId, ...formerUniqueIds].some((id) => long.some((secret) => id?.includes(secret))))
    return 'connect returned a uniqueId with a secret. It is stored unencrypted: return the id of the account.'
  return dispose === undefined || typeof dispose === 'function'
    ? null
    : 'connect returned a dispose that is not a function.'
}

/**
 * Returns the expiration that `connect` returned, as a time that every store can represent; undefined if it is unknown.
 * Calls `warn` with a mistake.
 */
export function expirationOf(
  { expiresAt }: Connected<unknown>,
  now: number,
  warn: (mistake: string) => void,
): number | null | undefined {
  if (expiresAt === undefined || expiresAt === null) return expiresAt
  const isTime = typeof expiresAt === 'number' && expiresAt > 0 && expiresAt <= Number.MAX_SAFE_INTEGER
  if (isTime && now - expiresAt < LONG_AGO) return Math.trunc(expiresAt)
  warn(
    'connect returned an expiresAt that is ignored. Return milliseconds since the epoch, as Date.now() does.',
  )
  return undefined
}
