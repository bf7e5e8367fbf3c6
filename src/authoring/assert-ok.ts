import { CannotConnectError, InvalidAuthError, RateLimitedError } from '../errors.ts'

/** The wait after a rate limit without a valid `Retry-After`, in seconds. */
const DEFAULT_WAIT = 60

/** Statuses below 500 of requests that may succeed later. */
const PASSING: ReadonlySet<number> = new Set([408, 425])

/**
 * Returns a response if its status is 200 to 299. Throws the error with which `connect` and the callback of `entries.use`
 * report the others.
 *
 * @throws InvalidAuthError for 401 and 403, RateLimitedError for 429 with the time of `Retry-After`, CannotConnectError for
 *   408, 425 and 5xx, and an Error with the status for the others
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
  const { ok, status, headers, body } = response
  if (ok) return response
  // Frees the connection. Its content may have a secret, so no error quotes it.
  body?.cancel().catch(() => {})
  const answered = `The service answered with status ${status}.`
  if (status === 401 || status === 403) throw new InvalidAuthError(answered)
  if (status === 429) throw new RateLimitedError(retryAfterIn(headers) ?? DEFAULT_WAIT)
  if (status >= 500 || PASSING.has(status)) throw new CannotConnectError(answered)
  throw new Error(answered)
}

/** Returns the seconds of `Retry-After` (RFC 9110, 10.2.3): a number, or a date; null if it is absent or invalid. */
function retryAfterIn(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text)
  const at = Date.parse(text)
  if (Number.isNaN(at)) return null
  // The clock of the service, because its date is relative to that.
  const now = Date.parse(headers.get('date') ?? '')
  return Math.max(0, Math.ceil((at - (Number.isNaN(now) ? Date.now() : now)) / 1000))
}
