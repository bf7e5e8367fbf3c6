import type { JsonObject } from '../ports/json.ts'

/** The answer of a token endpoint, before it is validated. */
export interface TokenAnswer {
  readonly status: number
  /** The parsed JSON object or form, or else the text. */
  readonly body: JsonObject | string
  readonly isPage: boolean
  /** The number of seconds in `Retry-After`; null without a number. */
  readonly retryAfter: number | null
}

/** Reads the answer of a token endpoint. */
export async function tokenAnswerOf(response: Response): Promise<TokenAnswer> {
  const text = await response.text()
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    body: jsonIn(text) ?? formIn(text) ?? text,
    isPage:
      /\bhtml\b/i.test(response.headers.get('content-type') ?? '') || /^\s*<(!doctype|html)/i.test(text),
    retryAfter: retryAfter > 0 ? retryAfter : null,
  }
}

function jsonIn(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

/** Some servers answer with a form, as before RFC 6749. */
function formIn(text: string): JsonObject | null {
  if (!/^[\w.%+-]+=[^<>\s]*$/.test(text)) return null
  const form = Object.fromEntries(new URLSearchParams(text))
  return 'access_token' in form || 'error' in form ? form : null
}

/** Whether an answer grants a token. */
export const hasToken = ({ status, body }: TokenAnswer): boolean =>
  status >= 200 && status < 300 && typeof body === 'object' && isText(body.access_token)

/**
 * Returns the answer as RFC 6749 (5.1) defines it, so that the library accepts it. Large services omit `token_type`, name
 * their own type, list the scopes as an array, or send `null` for members that they do not use.
 */
export function standardAnswer(answer: TokenAnswer, { headers }: Response): Response {
  const { status, body } = answer
  const isGrant = hasToken(answer)
  const content = isGrant && typeof body === 'object' ? standardGrant(body) : body
  const kept = new Headers(headers)
  kept.delete('content-encoding')
  kept.delete('content-length')
  if (isGrant) kept.set('content-type', 'application/json')
  const hasBody = ![204, 205, 304].includes(status)
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return new Response(hasBody ? text : null, { status: isGrant ? 200 : status, headers: kept })
}

function standardGrant(body: JsonObject): JsonObject {
  const { token_type: type, scope, ...rest } = body
  const members = Object.entries(rest).filter(([, value]) => value !== null && value !== '')
  return {
    ...Object.fromEntries(members),
    token_type: isText(type) && type.toLowerCase() === 'dpop' ? type : 'bearer',
    ...(isText(scope) && { scope }),
    ...(Array.isArray(scope) && { scope: scope.join(' ') }),
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
