import * as client from 'openid-client'
import {
  AddressRefusedError,
  CannotConnectError,
  InvalidAuthError,
  LatchkeyError,
  RateLimitedError,
  SetupError,
} from '../errors.ts'

/** Where a service that asks to be left alone does not say how long, in seconds. */
const WAIT = 60

/**
 * Asks an OAuth server, and turns what goes wrong into Latchkey's errors. None of them carries the library's own as its
 * cause, or a word of the server's but its error code: either may quote a code or a token.
 */
export async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    throw errorOf(error)
  }
}

function errorOf(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error
  if (error instanceof client.ResponseBodyError) {
    return byStatus(error.response) ?? refusal(error.error, 'The OAuth server refused the request')
  }
  if (error instanceof client.AuthorizationResponseError) {
    return refusal(error.error, 'The OAuth server refused access')
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return byStatus(error.response) ?? new InvalidAuthError()
  }
  if (error instanceof client.ClientError) {
    const response = error.cause instanceof Response ? error.cause : null
    if (response !== null) return byStatus(response) ?? unexpected(`answered ${response.status}`)
    const inner = addressRefused(error)
    if (inner !== null) return inner
    return unreached.has(error.code ?? '') ? new CannotConnectError() : unexpected(error.code ?? 'failed')
  }
  return addressRefused(error) ?? new CannotConnectError()
}

const unreached: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', ''])

/** A server that is down or busy says nothing of the credential. */
function byStatus({ status, headers }: Response): LatchkeyError | null {
  if (status === 429) return new RateLimitedError(Number(headers.get('retry-after') ?? WAIT) || WAIT)
  return status >= 500 ? new CannotConnectError() : null
}

function refusal(code: string, what: string): LatchkeyError {
  if (code === 'invalid_grant') return new InvalidAuthError()
  if (code === 'temporarily_unavailable' || code === 'server_error') return new CannotConnectError()
  return new SetupError(`${what}: ${wordOf(code)}.`)
}

const unexpected = (code: string): SetupError =>
  new SetupError(`The OAuth server's answer is not one that can be trusted: ${wordOf(code)}.`)

/** An error code is a short word; anything else is not repeated. */
const wordOf = (code: string): string => (/^[\w ]{1,40}$/.test(code) ? code : 'unknown')

function addressRefused(error: unknown): LatchkeyError | null {
  if (error instanceof AddressRefusedError) return error
  return error instanceof Error && error.cause !== undefined ? addressRefused(error.cause) : null
}
