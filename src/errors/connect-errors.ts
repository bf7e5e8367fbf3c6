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

/**
 * The entry cannot be set up, and retrying does not help. Users see the message, without secrets and control characters,
 * and at most 300 characters of it. Use {@link FormError} for a text in several languages. Home Assistant:
 * `ConfigEntryError`.
 */
export class SetupError extends LatchkeyError {
  readonly code = 'setup_error'
  /** The message for users; null without one. */
  readonly explanation: string | null
  constructor(message?: string, options?: ErrorOptions) {
    super(message ?? 'The entry could not be set up.', options)
    this.explanation = message ?? null
  }
}

/** The options of {@link FormError}. */
export interface FormErrorOptions extends ErrorOptions {
  /** The field that is wrong. Defaults to the form as a whole. */
  readonly field?: string
  /** The text for users, in English, if `texts.error` has none for the code. At most 300 characters. */
  readonly message?: string
  /** The values of the placeholders in `texts.error`. */
  readonly placeholders?: Readonly<Record<string, string>>
  /** The next step for the user, in English, if `texts.advice` has none for the code. */
  readonly advice?: string
  /** The `https` URL of the help for this error. */
  readonly docs?: string
}

/**
 * The service or the integration refuses the input, and the user can correct it: the form stays open and shows the error.
 * If an entry loads, it becomes `setup_error` with this text. Counts as a refused login. Home Assistant: `errors` of
 * `async_show_form`.
 *
 * @example
 * ```ts
 * import { FormError } from 'latchkey'
 *
 * export const wrongPin = new FormError('wrong_pin', { field: 'pin', message: 'The bridge expects another PIN.' })
 * ```
 */
export class FormError extends LatchkeyError {
  /** The code, of at most 40 lower-case letters, digits and underscores. Its text is `texts.error[code]`. */
  readonly code: string
  /** The message for users; null without one. */
  readonly explanation: string | null
  readonly field: string | null
  readonly placeholders: Readonly<Record<string, string>>
  readonly advice: string | null
  readonly docs: string | null
  constructor(code: string, options: FormErrorOptions = {}) {
    const { field = null, message = null, placeholders = {}, advice = null, docs = null } = options
    super(message ?? `The input was refused: ${code}.`, options)
    this.code = code
    this.explanation = message
    this.field = field
    this.placeholders = placeholders
    this.advice = advice
    this.docs = docs
  }
}

/** The options of {@link AbortFlowError}. */
export type AbortFlowOptions = ErrorOptions & Pick<FormErrorOptions, 'message' | 'placeholders'>

/**
 * Ends the flow, because no input helps. If an entry loads, it becomes `setup_error` with this text. Counts as a refused
 * login. Home Assistant: `AbortFlow`.
 *
 * @example
 * ```ts
 * import { AbortFlowError } from 'latchkey'
 *
 * export const tooOld = new AbortFlowError('unsupported_model', { message: 'This model has no API.' })
 * ```
 */
export class AbortFlowError extends LatchkeyError {
  /** The reason, of at most 40 lower-case letters, digits and underscores. Its text is `texts.abort[reason]`. */
  readonly code: string
  /** The message for users; null without one. */
  readonly explanation: string | null
  readonly placeholders: Readonly<Record<string, string>>
  constructor(reason: string, options: AbortFlowOptions = {}) {
    const { message = null, placeholders = {} } = options
    super(message ?? `The flow was ended: ${reason}.`, options)
    this.code = reason
    this.explanation = message
    this.placeholders = placeholders
  }
}

/**
 * Another account has answered than that of the entry, and the integration cannot return its connection. A flow of the entry
 * ends with `wrong_account`, a new one shows the error on its form. If an entry loads, it becomes `setup_error`.
 * `account`: the account as its service names it.
 */
export class WrongAccountError extends LatchkeyError {
  readonly code = 'wrong_account'
  readonly account: string | null
  constructor({ account = null, ...options }: ErrorOptions & { readonly account?: string | null } = {}) {
    super('Another account has answered. Sign in with the account of the connection.', options)
    this.account = account
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
