import { LatchkeyError, SetupError } from '../errors.ts'
import type { Json, JsonObject } from '../ports/json.ts'

/** Shorter texts of a reply, such as a type, are not secrets. */
const MIN_SECRET = 6

/**
 * Calls a function of the options. Errors of Latchkey are passed on. The message of another error is part of a
 * SetupError, without the texts of the reply, because these contain tokens.
 *
 * @throws SetupError if the function throws
 */
export function callHook<Result>(name: string, reply: Json, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    throw hookError(name, reply, error)
  }
}

/** Converts an error of a function of the options. See {@link callHook}. */
export function hookError(name: string, reply: Json, error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error
  let message = error instanceof Error ? `${error.name}: ${error.message}` : `a ${typeof error} was thrown`
  for (const text of textsOf(reply)) message = message.replaceAll(text, '…')
  return new SetupError(`${name} of the OAuth provider failed. ${message}`)
}

/** Throws unless a function of the options has returned an object. @throws SetupError */
export function objectOf(name: string, value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SetupError(`${name} of the OAuth provider did not return an object.`)
  }
  return value as JsonObject
}

/** Returns the texts of a reply that a message must not contain, longest first. */
function textsOf(value: Json): string[] {
  if (typeof value === 'string') return value.length >= MIN_SECRET ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value)
    .flatMap((member: Json) => textsOf(member))
    .sort((a, b) => b.length - a.length)
}
