import type { Json, JsonObject } from '../ports/json.ts'
import type { TokenAnswer } from './token-answer.ts'

/**
 * The meaning of an answer without a token: the operator must correct the client, the answer passes, the service
 * refuses the grant, or none of these.
 */
export type Refusal = 'client' | 'passes' | 'grant' | 'unclear'

/** The answer of a token endpoint, for `isDead` of a provider. */
export interface DeadAnswer {
  readonly status: number
  /** The parsed JSON object, or the text of any other answer. */
  readonly body: JsonObject | string
}

/** Error codes that only the operator of the host can correct. Codes without a standard name their service. */
const CLIENT = new Set([
  'invalid_client',
  'invalid_request',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_client_id',
  'invalid_client_secret',
  'bad_client_id',
  'bad_client_secret',
  // GitHub
  'incorrect_client_credentials',
  // Google
  'deleted_client',
  'disabled_client',
  // Slack
  'invalid_grant_type',
  // Shopify
  'application_cannot_be_found',
])

/** Microsoft Entra: a missing or disabled application, and a wrong or expired secret of it. */
const ENTRA_CLIENT = /\bAADSTS(700016|7000112|7000215|7000222|7000218|700027|700025)\b/

/** Some services answer a wrong client secret with `unauthorized_client`. */
const CLIENT_IS_REFUSED = /\bclient[_ ](credentials|secret|id)\b|\bauthorization header\b/i

/** Error codes of a server that is busy or down. */
const PASSES = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** Other codes of an outage. Services invent them. */
const OUTAGE =
  /unavailable|server_?error|internal_?error|fatal_error|time(d_?)?out|rate_?limit|too_?many|throttl|overload|maintenance|try_?again/

const BUSY = new Set([408, 425])

/** Error codes that refuse the grant: RFC 6749, RFC 6750, OpenID Connect Core (3.1.2.6), and those of single services. */
const GRANT = new Set([
  'unauthorized_client',
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
  'invalid_token',
  'expired_token',
  'access_denied',
  // Slack
  'token_expired',
  'token_revoked',
  'invalid_auth',
  'account_inactive',
  // Salesforce
  'inactive_user',
  'inactive_org',
])

/** The members that contain codes. */
const CODES =
  /^(error|errors|err|code|status|reason|type|name|field|resource|title|key|suberror|error_?(code|type|name|key|subtype|reason)|ok)$/i

const REFRESH_TOKEN = /refresh[_ -]?token/i

/** A sentence that refuses a token. Some services have no code for it. */
const TOKEN_IS_REFUSED =
  /\b(invalid|expired|revoked|bad|unknown|malformed|incorrect)\b[^.]{0,30}\brefresh[_ -]?token\b|\brefresh[_ -]?token\b[^.]{0,60}\b(invalid|expired|revoked|inactive|disabled|not (found|valid|exist))\b/i

/** Twitter and DeviantArt answer a dead refresh token with `invalid_request`. */
const REQUEST_IS_REFUSED = /(\b|_)token\b[^.]{0,60}\b(invalid|expired|revoked)\b/i

/** Facebook: the token has expired, was revoked, or its user changed the password. */
const FACEBOOK_TOKEN = new Set([102, 190, 458, 459, 460, 463, 464, 467])

/** Facebook: an unknown failure, a service that is down, and limits. */
const FACEBOOK_PASSES = new Set([1, 2, 4, 17, 32, 341, 613])

/**
 * Reads an answer of a token endpoint that contains no token. The order decides: a wrong client and an outage say
 * nothing about the grant, even if the answer has other codes.
 */
export function readRefusal(
  { status, body, isPage, retryAfter }: TokenAnswer,
  isDead?: (answer: DeadAnswer) => boolean,
): Refusal {
  const { codes, sentences, numbers } = wordsOf(body)
  const text = sentences.join('\n')
  if (isClient(codes, text)) return 'client'
  if (status >= 500 || BUSY.has(status) || retryAfter !== null) return 'passes'
  if (codes.some((code) => PASSES.has(code) || OUTAGE.test(code)) || /too many requests/i.test(text))
    return 'passes'
  if (codes.includes('oauthexception') && numbers.some((number) => FACEBOOK_PASSES.has(number)))
    return 'passes'
  if (isDead?.({ status, body }) === true) return 'grant'
  if (/\binvalid_grant\b/i.test(JSON.stringify(body))) return 'grant'
  if (codes.some((code) => GRANT.has(code) || REFRESH_TOKEN.test(code) || code === 'refreshtoken'))
    return 'grant'
  if (codes.includes('oauthexception') && numbers.some((number) => FACEBOOK_TOKEN.has(number))) return 'grant'
  if (TOKEN_IS_REFUSED.test(text)) return 'grant'
  if (codes.includes('invalid_request') && REQUEST_IS_REFUSED.test(text)) return 'grant'
  // A page with status 403 comes from a firewall in front of the service.
  if (status === 401 || (status === 403 && !isPage)) return 'grant'
  return 'unclear'
}

/** Whether the answer blames the client. A refused token in an `invalid_request` does not. */
function isClient(codes: readonly string[], text: string): boolean {
  if (ENTRA_CLIENT.test(text)) return true
  if (codes.includes('unauthorized_client') && CLIENT_IS_REFUSED.test(text)) return true
  const found = codes.filter((code) => CLIENT.has(code) || code === 'client_id' || code === 'client_secret')
  return found.some((code) => code !== 'invalid_request' || !REQUEST_IS_REFUSED.test(text))
}

/** Returns the error code of an answer, for messages. */
export function codeOf(body: JsonObject | string): string | null {
  const { codes } = wordsOf(body)
  return codes.find((code) => /^[a-z][\w]{2,39}$/.test(code)) ?? null
}

interface Words {
  /** Lower-case codes with underscores. */
  readonly codes: string[]
  readonly sentences: string[]
  readonly numbers: number[]
}

const MAX_DEPTH = 4

/** Collects the codes and sentences of an answer. A text counts as a sentence, and as a code if it is one word. */
function wordsOf(body: JsonObject | string): Words {
  const words: Words = { codes: [], sentences: [], numbers: [] }
  collect(typeof body === 'string' ? { error: body } : body, words, MAX_DEPTH)
  return words
}

function collect(value: Json | undefined, words: Words, depth: number, key = ''): void {
  if (typeof value === 'number') words.numbers.push(value)
  if (typeof value === 'string') {
    words.sentences.push(value)
    const code = value.trim()
    if (CODES.test(key) && code.length <= 60)
      words.codes.push(code.toLowerCase().replaceAll(/[\s.:-]+/g, '_'))
  }
  if (typeof value !== 'object' || value === null || depth === 0) return
  for (const [name, member] of Object.entries(value))
    collect(member, words, depth - 1, Array.isArray(value) ? key : name)
}
