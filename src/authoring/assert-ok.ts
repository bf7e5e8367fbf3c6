import { CannotConnectError, InvalidAuthError, RateLimitedError } from '../errors.ts'
import { rateLimitIn } from './rate-limit.ts'

/** Statuses below 500 of requests that may succeed later. */
const PASSING: ReadonlySet<number> = new Set([408, 425])

/**
 * Returns a response if its status is 200 to 299. Throws the error with which `connect` and the callback of `entries.use`
 * report the others.
 *
 * @throws RateLimitedError for 429, and for 403 with `Retry-After` or with 0 in `x-ratelimit-remaining`, with the time of
 *   these headers; InvalidAuthError for 401 and other 403, CannotConnectError for 408, 425 and 5xx, and an Error with the
 *   status for the others
 *
 * @example
 * ```ts
 * import { assertOk } from 'latchkey'
 *
 * export async function accountOf(fetch: typeof globalThis.fetch, token: string): Promise<string> {
 *   const headers = { authorization: `Bearer ${token}` }
 *   const response = assertOk(await fetch('https://api.example/me', { headers }))
 *   const { id } = (await response.json()) as { id: string }
 *   return id
 * }
 * ```
 */
export function assertOk(response: Response): Response {
  const { ok, status, body } = response
  if (ok) return response
  // Frees the connection. Its content may have a secret, so no error quotes it.
  body?.cancel().catch(() => {})
  const answered = `The service answered with status ${status}.`
  const wait = rateLimitIn(response)
  if (wait !== null) throw new RateLimitedError(wait)
  if (status === 401 || status === 403) throw new InvalidAuthError(answered)
  if (status >= 500 || PASSING.has(status)) throw new CannotConnectError(answered)
  throw new Error(answered)
}
