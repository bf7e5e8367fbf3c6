import { rateLimitIn } from '../authoring/rate-limit.ts'
import type { Json, JsonObject } from '../ports/json.ts'

/** The answer of a token endpoint, before it is validated. */
export interface TokenAnswer {
  readonly status: number
  /** The parsed JSON object or form, or else the text. */
  readonly body: JsonObject | string
  readonly isPage: boolean
  /** The number of seconds to wait, if the answer names a rate limit; null otherwise. */
  readonly retryAfter: number | null
}

/** Reads the answer of a token endpoint. */
export async function tokenAnswerOf(response: Response): Promise<TokenAnswer> {
  const text = await response.text()
  return {
    status: response.status,
    body: jsonIn(text) ?? formIn(text.trim()) ?? text,
    isPage:
      /\bhtml\b/i.test(response.headers.get('content-type') ?? '') || /^\s*<(!doctype|html)/i.test(text),
    retryAfter: rateLimitIn(response, text),
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

/** The members of an answer that can be a form. */
const FORM_MEMBERS = ['access_token', 'error', 'device_code']

/** Some servers answer with a form, as before RFC 6749. */
function formIn(text: string): JsonObject | null {
  if (!/^[\w.%+-]+=[^<>\s]*$/.test(text)) return null
  const form = Object.fromEntries(new URLSearchParams(text))
  return FORM_MEMBERS.some((name) => name in form) ? form : null
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/**
 * Returns the members of an answer that grants a token, or null. `tokens` finds the standard members in the answer.
 *
 * @throws any error of `tokens`
 */
export function grantIn(
  { status, body }: TokenAnswer,
  tokens: (body: JsonObject) => JsonObject = (same) => same,
): JsonObject | null {
  if (!isSuccess(status) || typeof body === 'string') return null
  const grant = tokens(body)
  return isText(grant.access_token) ? grant : null
}

/**
 * Returns an answer as RFC 6749 (5.1 and 5.2) defines it, so that the library accepts it. `grant` has the members of an
 * answer with a token; null without one. Large services omit `token_type`, name their own type, list the scopes as an
 * array, send `null` for members that they do not use, or refuse with status 200.
 */
export function standardAnswer(
  { status, body }: TokenAnswer,
  grant: JsonObject | null,
  { headers }: Response,
): Response {
  if (grant !== null) return answerWith(200, standardGrant(grant), headers)
  const isRefusal = typeof body !== 'string' && isText(body.error)
  return answerWith(isRefusal && isSuccess(status) ? 400 : status, body, headers)
}

/** Returns the answer of a device authorization endpoint as RFC 8628 (3.2) defines it. */
export function standardDeviceAnswer({ status, body }: TokenAnswer, { headers }: Response): Response {
  if (!isSuccess(status) || typeof body === 'string' || !isText(body.device_code)) {
    return answerWith(status, body, headers)
  }
  const { verification_url: url, verification_url_complete: complete, ...rest } = withoutEmpty(body)
  const interval = Number(rest.interval)
  const standard = {
    ...(url !== undefined && { verification_uri: url }),
    ...(complete !== undefined && { verification_uri_complete: complete }),
    ...rest,
    expires_in: Number(rest.expires_in) > 0 ? Number(rest.expires_in) : DEVICE_CODE_LIFETIME,
    interval: interval > 0 ? interval : undefined,
  }
  return answerWith(200, standard, headers)
}

/** Returns the answer of a registration endpoint as RFC 7591 (3.2.1) defines it. */
export function standardRegistration({ status, body }: TokenAnswer, { headers }: Response): Response {
  if (!isSuccess(status) || typeof body === 'string') return answerWith(status, body, headers)
  // A secret without an end does not expire.
  return answerWith(201, { client_secret_expires_at: 0, ...withoutEmpty(body) }, headers)
}

/** The lifetime of a device code that has none, in seconds. */
const DEVICE_CODE_LIFETIME = 300

function answerWith(status: number, content: object | string, headers: Headers): Response {
  const kept = new Headers(headers)
  kept.delete('content-encoding')
  kept.delete('content-length')
  if (typeof content !== 'string') kept.set('content-type', 'application/json')
  const hasBody = ![204, 205, 304].includes(status)
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return new Response(hasBody ? text : null, { status, headers: kept })
}

/** Omits every standard member that the service has left empty, or whose type is not that of the standard. */
function standardGrant(grant: JsonObject): object {
  const { token_type: _, scope, expires_in: lifetime, ...rest } = withoutEmpty(grant)
  const { refresh_token: refreshToken, id_token: idToken } = rest
  const seconds = typeof lifetime === 'boolean' ? Number.NaN : Number(lifetime)
  return {
    ...rest,
    token_type: 'bearer',
    scope: Array.isArray(scope) ? scope.filter(isText).join(' ') : isText(scope) ? scope : undefined,
    expires_in:
      lifetime !== undefined && seconds >= 0 && seconds < Number.POSITIVE_INFINITY ? seconds : undefined,
    refresh_token: isText(refreshToken) ? refreshToken : undefined,
    id_token: isText(idToken) ? idToken : undefined,
  }
}

const withoutEmpty = (body: JsonObject): { readonly [member: string]: Json | undefined } =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== ''))

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
