// Thrown by `connect` of integrations, and by the work given to `use`.
import { LatchkeyError } from './latchkey-error.ts'

/** The service could not be reached. Home Assistant: `ConfigEntryNotReady`, `cannot_connect`. */
export class CannotConnectError extends LatchkeyError {
  readonly code = 'cannot_connect'
  constructor(message = 'The service could not be reached.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The service refused the credential. Home Assistant: `ConfigEntryAuthFailed`, `invalid_auth`. */
export class InvalidAuthError extends LatchkeyError {
  readonly code = 'invalid_auth'
  constructor(message = 'The service refused the credential.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The service asked to be left alone. `retryAfter` is in seconds, as in HTTP (RFC 9110, 10.2.3); a day at most is kept. */
export class RateLimitedError extends LatchkeyError {
  readonly code = 'rate_limited'
  readonly retryAfter: number
  constructor(retryAfter: number, message = 'The service asked to be left alone for a while.') {
    super(message)
    this.retryAfter = retryAfter
  }
}

/** The entry cannot be set up and trying again will not help. Home Assistant: `ConfigEntryError`. */
export class SetupError extends LatchkeyError {
  readonly code = 'setup_error'
  constructor(message = 'The entry cannot be set up.', options?: ErrorOptions) {
    super(message, options)
  }
}
