import { RateLimitedError } from '../errors.ts'

/** The wait after a rate limit whose end is unknown, in seconds. */
const DEFAULT_WAIT = 60

type Head = Pick<Response, 'status' | 'headers'>

/** The beginnings of the headers of a limit: of most services, of the draft of the IETF, and of X. */
const FAMILIES = ['x-ratelimit', 'ratelimit', 'x-rate-limit']

/**
 * Returns the number of seconds to wait if an answer names a rate limit; null otherwise. Some services, such as GitHub, also
 * answer with 403: with `Retry-After`, with 0 in `x-ratelimit-remaining`, or with a reason in the body. `body` is its
 * beginning, if it has been read.
 */
export function rateLimitIn({ status, headers }: Head, body = ''): number | null {
  if (status !== 429 && status !== 403) return null
  const wait = retryAfterIn(headers)
  // A time that has passed names no limit.
  if (wait !== null && wait > 0) return wait
  const used = FAMILIES.find((family) => headers.get(`${family}-remaining`)?.trim() === '0')
  if (used !== undefined) return resetIn(headers, used) ?? DEFAULT_WAIT
  return status === 429 || GOOGLE.test(body) || GITHUB.test(body) ? DEFAULT_WAIT : null
}

/** Returns the seconds of `Retry-After` (RFC 9110, 10.2.3): a number, or a date; null if it is absent or invalid. */
function retryAfterIn(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text)
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : secondsUntil(at, headers)
}

/**
 * Returns the seconds until the reset of a limit, which services give in seconds since the epoch (GitHub) or from now (the
 * draft of the IETF); null if it is neither.
 */
function resetIn(headers: Headers, family: string): number | null {
  const reset = Number(headers.get(`${family}-reset`))
  const wait = reset > LONGEST ? secondsUntil(reset * 1000, headers) : Math.ceil(reset)
  return wait > 0 && wait <= LONGEST ? wait : null
}

/** The longest window of a rate limit: a day, in seconds. */
const LONGEST = 86_400

/** Returns the seconds until a time by the clock of the service. */
function secondsUntil(at: number, headers: Headers): number {
  const now = Date.parse(headers.get('date') ?? '')
  return Math.max(0, Math.ceil((at - (Number.isNaN(now) ? Date.now() : now)) / 1000))
}

/** The reasons of Google's APIs for a rate limit or a quota, in `error.errors` of an answer with status 403. */
const GOOGLE = /"reason"\s*:\s*"(?:userRateLimitExceeded|rateLimitExceeded|quotaExceeded|dailyLimitExceeded)"/

/** GitHub's message about its secondary rate limits, which have no header. */
const GITHUB = /"message"\s*:\s*"[^"]*\bsecondary rate limit\b/i

/**
 * Checks that an answer names no rate limit, also in the body of one with status 403. The answer can still be read.
 *
 * @throws RateLimitedError
 */
export async function assertUnlimited(response: Response): Promise<void> {
  const named = rateLimitIn(response)
  const mayName = named === null && response.status === 403 && !response.bodyUsed
  const wait = mayName ? rateLimitIn(response, await startOf(response.clone())) : named
  if (wait === null) return
  response.body?.cancel().catch(() => {})
  throw new RateLimitedError(wait)
}

/** The number of characters, and of milliseconds, in which an error names its reason. */
const MAX_TEXT = 65_536
const MAX_TIME = 5_000

/** Returns the beginning of a body. The rest is not read: a device at a wrong address can send one without an end. */
async function startOf({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  const cancel = (): void => void reader?.cancel().catch(() => {})
  const timer = setTimeout(cancel, MAX_TIME)
  let text = ''
  try {
    while (reader !== undefined && text.length < MAX_TEXT) {
      const { done, value } = await reader.read()
      if (done) break
      text += value
    }
  } catch {
    // The connection was lost.
  }
  clearTimeout(timer)
  cancel()
  return text
}
