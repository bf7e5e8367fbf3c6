import { textFrom } from '../../authoring/title.ts'
import type { LoggedError } from '../../ports/log.ts'
import { loggedError } from '../lib/redact.ts'

/** Details of a failure, for callers that may change the entry. */
export interface FailureDetail {
  /** The reference of the log line. Absent if the failure was not logged. */
  readonly ref?: string
  /** The error of the integration, without secrets. Absent if it did not throw one. */
  readonly cause?: string
}

/** The maximum length of a cause in characters. */
const MAX_CAUSE = 500

/** Returns the details of an error, without the given secrets. `ref`: the reference of its log line. */
export const failureDetail = (error: unknown, secrets: readonly string[], ref?: string): FailureDetail =>
  detailOf(loggedError(error, secrets), ref)

/** Returns the details of an error without secrets. `ref`: the reference of its log line. */
export function detailOf(error: LoggedError, ref?: string): FailureDetail {
  const cause = textFrom(chainOf(error), MAX_CAUSE)
  return { ...(ref !== undefined && { ref }), ...(cause !== null && { cause }) }
}

/** Returns an error with its causes as one line. */
const chainOf = ({ name, message, cause }: LoggedError): string =>
  `${name}: ${message}${cause === undefined ? '' : ` (${chainOf(cause)})`}`
