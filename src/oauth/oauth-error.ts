import * as client from 'openid-client'
import {
  AddressRefusedError,
  CannotConnectError,
  InvalidAuthError,
  LatchkeyError,
  RateLimitedError,
  SetupError,
} from '../errors.ts'

/** The default wait after a rate limit in seconds. */
const DEFAULT_WAIT = 60

/**
 * Calls an OAuth server and converts errors to Latchkey's. They have no `cause`, and contain only the error code of the
 * server, because its other texts may contain a code or a token.
 */
export async function translateErrors<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    throw errorOf(error)
  }
}

function errorOf(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error
  if (error instanceof client.ResponseBodyError) {
    return byStatus(error.response) ?? refusal(error.error, 'The OAuth server rejected the request')
  }
  if (error instanceof client.AuthorizationResponseError) {
    return refusal(error.error, 'The OAuth server rejected the authorization')
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return byStatus(error.response) ?? new InvalidAuthError()
  }
  if (error instanceof client.ClientError) {
    const response = error.cause instanceof Response ? error.cause : null
    if (response !== null) return byStatus(response) ?? unexpected(`answered ${response.status}`)
    const inner = addressRefused(error)
    if (inner !== null) return inner
    return NOT_REACHED.has(error.code ?? '') ? new CannotConnectError() : unexpected(error.code ?? 'failed')
  }
  return addressRefused(error) ?? new CannotConnectError()
}

const NOT_REACHED: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', ''])

/** Returns an error for a server that is busy or down, because such a response does not concern the credential. */
function byStatus({ status, headers }: Response): LatchkeyError | null {
  if (status === 429)
    return new RateLimitedError(Number(headers.get('retry-after') ?? DEFAULT_WAIT) || DEFAULT_WAIT)
  return status >= 500 ? new CannotConnectError() : null
}

function refusal(code: string, message: string): LatchkeyError {
  if (code === 'invalid_grant') return new InvalidAuthError()
  if (code === 'temporarily_unavailable' || code === 'server_error') return new CannotConnectError()
  return new SetupError(`${message}: ${safeCode(code)}.`)
}

const unexpected = (code: string): SetupError =>
  new SetupError(`The response of the OAuth server is invalid: ${safeCode(code)}.`)

/** Returns an error code if it looks like one. Other texts are not repeated. */
const safeCode = (code: string): string => (/^[\w ]{1,40}$/.test(code) ? code : 'unknown')

function addressRefused(error: unknown): LatchkeyError | null {
  if (error instanceof AddressRefusedError) return error
  return error instanceof Error && error.cause !== undefined ? addressRefused(error.cause) : null
}
