import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { EntryView } from '../engine/api/entries.ts'
import { type AnyLatchkeyError, LatchkeyError } from '../errors.ts'
import type { View } from '../view.ts'
import { languageHeaders, reply } from './reply.ts'

/** An error response (RFC 9457). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** A message for users: the cause and the next step, in one or two sentences. */
  readonly detail: string
  /** Stable error code. Compare it instead of the texts. */
  readonly code: string
  /** JSON Pointers (RFC 6901) of the invalid members of the body or of the invalid parameters. */
  readonly pointers?: readonly string[]
  /** The current view of the flow or entry. */
  readonly view?: View | EntryView
  /** The flow that blocks the request. */
  readonly flowId?: string
  /** Time to wait before the next attempt in seconds. */
  readonly retryAfter?: number
  /** Whether a failed store has written the change, for `STORE`. */
  readonly outcome?: 'not_written' | 'unknown'
  /** The methods that the path supports. */
  readonly allow?: string
}

type More = Pick<Problem, 'pointers' | 'view' | 'flowId' | 'retryAfter' | 'outcome' | 'allow'>

/** The status of the errors that a caller can cause. All other errors are logged and answered with 500. */
const statuses: Partial<Record<AnyLatchkeyError['code'], ContentfulStatusCode>> = {
  UNKNOWN_FLOW: 404,
  UNKNOWN_ENTRY: 404,
  UNKNOWN_SUBENTRY: 404,
  UNKNOWN_WEBHOOK: 404,
  UNKNOWN_DOMAIN: 422,
  WRONG_INTEGRATION: 422,
  INVALID_INPUT: 422,
  STALE_REVISION: 412,
  FLOW_ENDED: 409,
  WRONG_STEP: 409,
  COMMITTING: 409,
  ALREADY_IN_PROGRESS: 409,
  ENTRY_STATE: 409,
  ENTRY_VERSION: 409,
  UNREADABLE_RECORD: 409,
  IDEMPOTENCY_CONFLICT: 422,
  TOO_MANY_FLOWS: 429,
  TOO_MANY_WEBHOOKS: 409,
  ADDRESS_REFUSED: 422,
  ATTEMPTS_EXHAUSTED: 429,
  STORE: 503,
  STOPPED: 503,
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** An error of the handler itself. It becomes an error response. */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  readonly more: More
  constructor(status: number, code: string, detail: string, more: More = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.more = more
  }
}

/** Returns the same error for unknown ids and for ids of other scopes, so that callers cannot distinguish the two. */
export const notFound = (): HttpProblem =>
  new HttpProblem(404, 'NOT_FOUND', 'Not found. It may have ended or been removed.')

/** Returns the error for a path outside of the handler's base path. */
export const outsideOf = (basePath: string): HttpProblem =>
  new HttpProblem(
    404,
    'NOT_FOUND',
    `Not found. This path is outside of the base path "${basePath}". If a framework removes the mount path, mount nodeListener of latchkey/http/node.`,
  )

/** Returns the error response of an error, or `null` if the caller must not see it. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof HttpProblem) return problem(error.status, error.code, error.message, error.more)
  if (!(error instanceof LatchkeyError)) return null
  const known = error as AnyLatchkeyError
  const status = statuses[known.code]
  if (status === undefined) return null
  if (status === 404) return problemOf(notFound())
  const code = known.code
  switch (known.code) {
    case 'STALE_REVISION':
    case 'FLOW_ENDED':
      return problem(status, code, known.message, { view: known.view as View })
    case 'INVALID_INPUT':
      return problem(status, code, known.message, { pointers: known.pointers })
    case 'UNKNOWN_DOMAIN':
    case 'WRONG_INTEGRATION':
      return problem(status, code, known.message, { pointers: ['/domain'] })
    case 'ADDRESS_REFUSED':
      return problem(status, code, known.message, { pointers: ['/url'] })
    case 'ALREADY_IN_PROGRESS':
      return problem(status, code, known.message, { flowId: known.flowId })
    case 'ATTEMPTS_EXHAUSTED':
      return problem(status, code, known.message, { retryAfter: known.retryAfter })
    case 'STORE':
      return known.outcome === 'unknown'
        ? problem(status, code, UNKNOWN_OUTCOME, { outcome: 'unknown' })
        : problem(status, code, known.message, { outcome: 'not_written', retryAfter: 1 })
    case 'COMMITTING':
      return problem(status, code, known.message, { retryAfter: 1 })
    default:
      return problem(status, code, known.message)
  }
}

const UNKNOWN_OUTCOME = 'It is not known whether this was saved. Reload and look.'

/** Returns the response for a problem. */
export function problemResponse(body: Problem): Response {
  const { status, retryAfter, view, allow } = body
  return reply(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(allow !== undefined && { allow }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(view !== undefined && { etag: `"${view.revision}"`, ...languageHeaders(view) }),
  })
}

function problem(status: number, code: string, detail: string, more: More = {}): Problem {
  const type = `urn:problem-type:latchkey:${code.toLowerCase().replaceAll('_', '-')}`
  return { type, title: titles[status] ?? 'Error', status, detail, code, ...more }
}
