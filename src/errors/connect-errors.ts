// Errors that integrations throw from `connect`, and hosts from the callback of `entries.use`.
import { LatchkeyError } from './latchkey-error.ts'

/** The service could not be reached. Latchkey retries. Home Assistant: `ConfigEntryNotReady`, `cannot_connect`. */
export class CannotConnectError extends LatchkeyError {
  readonly code = 'cannot_connect'
  constructor(message = 'The service could not be reached.', options?: ErrorOptions) {
    super(message, options)
  }
}

/**
 * The service rejected the credential. Latchkey asks the user for a new one. Home Assistant: `ConfigEntryAuthFailed`,
 * `invalid_auth`.
 */
export class InvalidAuthError extends LatchkeyError {
  readonly code = 'invalid_auth'
  constructor(message = 'The service rejected the credential.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The service limits requests. `retryAfter` is in seconds, as in HTTP (RFC 9110, 10.2.3), and is capped at one day. */
export class RateLimitedError extends LatchkeyError {
  readonly code = 'rate_limited'
  readonly retryAfter: number
  constructor(retryAfter: number, message = 'The service limits the number of requests. Try again later.') {
    super(message)
    this.retryAfter = retryAfter
  }
}

/** The entry cannot be set up, and retrying does not help. Home Assistant: `ConfigEntryError`. */
export class SetupError extends LatchkeyError {
  readonly code = 'setup_error'
  constructor(message = 'The entry could not be set up.', options?: ErrorOptions) {
    super(message, options)
  }
}

/**
 * The service refuses the host's application, not the user: its client id or secret is wrong, or it was disabled. The
 * operator must correct it. Throw it from `refresh`: no user signs in again, Latchkey retries, and the attention list
 * has one item for all entries of the integration.
 */
export class ClientRefusedError extends LatchkeyError {
  readonly code = 'client_refused'
  constructor(message = 'The service refuses this application.', options?: ErrorOptions) {
    super(message, options)
  }
}
