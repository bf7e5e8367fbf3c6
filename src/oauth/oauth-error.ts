import * as client from 'openid-client'
import { rateLimitIn } from '../authoring/rate-limit.ts'
import {
  CannotConnectError,
  ClientRefusedError,
  InvalidAuthError,
  LatchkeyError,
  RateLimitedError,
  SetupError,
} from '../errors.ts'
import { hookError } from './hooks.ts'
import { codeOf, type DeadAnswer, readRefusal } from './read-refusal.ts'
import type { TokenAnswer } from './token-answer.ts'

/**
 * Converts an error of the library to one of Latchkey's. It has no `cause`, and contains only the error code of the
 * server, because its other texts may contain a code or a token. `answer`: the answer of the token endpoint, if it has
 * answered.
 */
export function errorOf(error: unknown, answer: TokenAnswer | null): LatchkeyError {
  const own = ownError(error)
  if (own !== null) return own
  if (answer !== null && isAboutAnswer(error)) {
    if (readRefusal(answer) === 'client') return clientRefused(answer)
    const code = codeOf(answer.body)
    const known = byStatus(answer.status, answer.retryAfter)
    if (known !== null) return known
    if (code !== null) return refusal(code, REQUEST)
  }
  if (error instanceof client.ResponseBodyError) {
    return byResponse(error.response) ?? refusal(error.error, REQUEST)
  }
  if (error instanceof client.AuthorizationResponseError) {
    return refusal(error.error, 'The OAuth server rejected the authorization')
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return byResponse(error.response) ?? new InvalidAuthError()
  }
  if (error instanceof client.ClientError) {
    const response = error.cause instanceof Response ? error.cause : null
    if (response !== null) return byResponse(response) ?? unexpected(`answered ${response.status}`)
    return NOT_REACHED.has(error.code ?? '')
      ? new CannotConnectError()
      : unexpected(error.code ?? 'failed', propertyIn(error))
  }
  return new CannotConnectError()
}

const REQUEST = 'The OAuth server rejected the request'

/** Returns the error of a refresh that brought no token. The answer of the token endpoint decides, if there is one. */
export function refreshErrorOf(
  error: unknown,
  answer: TokenAnswer | null,
  isDead?: (answer: DeadAnswer) => boolean,
): LatchkeyError {
  if (answer === null || ownError(error) !== null || !isAboutAnswer(error)) {
    return errorOf(error, answer)
  }
  const asked = new DeadQuestion(isDead)
  switch (readRefusal(answer, asked.ask)) {
    case 'client':
      return clientRefused(answer)
    case 'passes':
      return byStatus(answer.status, answer.retryAfter) ?? new CannotConnectError()
    case 'grant':
      return new InvalidAuthError()
    case 'unclear':
      return asked.failure ?? errorOf(error, answer)
  }
}

/** Calls `isDead`. An error counts as no answer, and explains a refresh that fails for an unclear reason. */
class DeadQuestion {
  failure: LatchkeyError | null = null
  readonly #isDead: ((answer: DeadAnswer) => boolean) | undefined

  constructor(isDead: ((answer: DeadAnswer) => boolean) | undefined) {
    this.#isDead = isDead
  }

  readonly ask = (answer: DeadAnswer): boolean => {
    try {
      const isDead: unknown = this.#isDead?.(answer) ?? false
      if (typeof isDead !== 'boolean')
        throw new SetupError('isDead of the OAuth provider returned no boolean.')
      return isDead
    } catch (error) {
      this.failure = hookError('isDead', answer.body, error)
      return false
    }
  }
}

const clientRefused = ({ body, status }: TokenAnswer): ClientRefusedError =>
  new ClientRefusedError(
    `The OAuth server refuses this application: ${safeCode(codeOf(body) ?? `answered ${status}`)}.`,
  )

/** Converts the refusal of a client that only one entry has: its user can replace it by a new sign-in. */
export const ownClientError = (error: LatchkeyError): LatchkeyError =>
  error instanceof ClientRefusedError ? new InvalidAuthError() : error

/** Whether an error of the library comes from an answer, and not from the network. */
const isAboutAnswer = (error: unknown): boolean =>
  error instanceof client.ResponseBodyError ||
  error instanceof client.WWWAuthenticateChallengeError ||
  (error instanceof client.ClientError && !NOT_REACHED.has(error.code ?? ''))

const NOT_REACHED: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', ''])

/** Returns an error for a server that is busy or down, because such a response does not concern the credential. */
export function byStatus(status: number, retryAfter: number | null): LatchkeyError | null {
  if (retryAfter !== null) return new RateLimitedError(retryAfter)
  return status >= 500 || status === 408 || status === 425 ? new CannotConnectError() : null
}

const byResponse = (response: Response): LatchkeyError | null =>
  byStatus(response.status, rateLimitIn(response))

function refusal(code: string, message: string): LatchkeyError {
  if (code === 'invalid_grant') return new InvalidAuthError()
  if (code === 'temporarily_unavailable' || code === 'server_error') return new CannotConnectError()
  return new SetupError(`${message}: ${safeCode(code)}.`)
}

const unexpected = (code: string, property: string | null = null): SetupError => {
  const at = property === null ? '' : `, at "${property}"`
  return new SetupError(`The response of the OAuth server is invalid: ${safeCode(code)}${at}.`)
}

/** Returns the property, claim or parameter that an error of the library is about. Its message names it in quotes. */
function propertyIn(error: Error): string | null {
  const [, property] =
    /"([\w-]{1,40})" (?:property|claim|parameter|header|\([\w ]+\))/.exec(error.message) ?? []
  if (property !== undefined) return property
  return error.cause instanceof Error ? propertyIn(error.cause) : null
}

/** Returns an error code if it looks like one. Other texts are not repeated. */
const safeCode = (code: string): string => (/^[\w ]{1,40}$/.test(code) ? code : 'unknown')

/** Returns the error of Latchkey that the library has wrapped, for example that of a refused address. */
function ownError(error: unknown): LatchkeyError | null {
  if (error instanceof LatchkeyError) return error
  return error instanceof Error && error.cause !== undefined ? ownError(error.cause) : null
}
