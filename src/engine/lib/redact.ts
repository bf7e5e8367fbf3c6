import type { LoggedError } from '../../ports/log.ts'
import { Redactor } from './redactor.ts'
import { causeOf, isError, textOf } from './thrown.ts'

const MAX_CAUSES = 5

/** The message of an error that contains a secret too short to be redacted: the gap would give it away. */
const WITHHELD = 'The message is withheld, because it can contain a secret that is too short to be redacted.'

/** The message of an error whose secrets are unknown. */
const UNKNOWN_SECRETS = 'The message is withheld, because not all secrets that it can contain could be read.'

/** Converts a thrown value for the log if its texts can contain secrets that are unknown. */
export function withheldError(error: unknown): LoggedError {
  const name = isError(error) ? textOf(error, 'name') : undefined
  return { name: name !== undefined && NAME.test(name) ? name : 'Error', message: UNKNOWN_SECRETS }
}

/**
 * Converts a thrown value for the log: name, code, message, stack and cause. Libraries quote their input, so the given
 * secrets and their parts are redacted, plain and in the usual encodings. The thrown value itself must not be logged.
 */
export function loggedError(error: unknown, secrets: readonly string[] = []): LoggedError {
  return converted(error, new Redactor(secrets), 0)
}

function converted(error: unknown, redactor: Redactor, depth: number): LoggedError {
  if (!isError(error))
    return { name: 'Thrown', message: `A value of the type ${typeof error} was thrown. Throw an Error.` }
  const name = textOf(error, 'name') ?? 'Error'
  const code = textOf(error, 'code')
  const stack = textOf(error, 'stack')
  const thrown = causeOf(error)
  const cause = thrown === undefined || depth === MAX_CAUSES ? null : converted(thrown, redactor, depth + 1)
  const message = textOf(error, 'message') ?? ''
  if ([name, message, code, stack].some((text) => text !== undefined && redactor.canQuoteShort(text))) {
    return {
      name: NAME.test(name) ? redactor.redact(name) : 'Error',
      message: redactor.canQuoteShort(message) ? WITHHELD : redactor.redact(message),
      ...(code !== undefined && CODE.test(code) && { code: redactor.redact(code) }),
      ...(cause !== null && { cause }),
    }
  }
  return {
    name: redactor.redact(name),
    message: redactor.redact(message),
    ...(code !== undefined && { code: redactor.redact(code) }),
    ...(stack !== undefined && { stack: redactor.redact(stack) }),
    ...(cause !== null && { cause }),
  }
}

/** The name of a class of errors. Others can quote a secret. */
const NAME = /^[A-Z][A-Za-z]{0,60}(?:Error|Exception)$|^Error$/

/** The code of an error: longer than a short secret, and in one letter case. */
const CODE = /^(?:[A-Z][A-Z0-9_]{3,60}|[a-z]+(?:_[a-z]+)+)$/
