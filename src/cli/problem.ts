import { LatchkeyError } from '../errors.ts'

/** An error in the format of RFC 9457, for scripts. Without a status, because there is no HTTP response. */
export interface CliProblem {
  readonly type: string
  readonly title: string
  /** The cause and the next step. */
  readonly detail: string
  /** Stable error code. */
  readonly code: string
  readonly pointers?: readonly string[]
  readonly flowId?: string
  /** Time to wait before the next attempt in seconds. */
  readonly retryAfter?: number
}

/**
 * Converts an error to a problem. Of other errors it contains only the name, because their messages may contain
 * secrets.
 */
export function problemOf(error: unknown): CliProblem {
  const known = error instanceof LatchkeyError
  const code = known ? error.code : 'UNKNOWN'
  return {
    type: `urn:problem-type:latchkey:${code.toLowerCase().replaceAll('_', '-')}`,
    title: 'The command failed',
    detail: known ? error.message : `An unexpected error occurred${nameOf(error)}.`,
    code,
    ...(known && pick(error)),
  }
}

function pick(error: LatchkeyError): Pick<CliProblem, 'pointers' | 'flowId' | 'retryAfter'> {
  const { pointers, flowId, retryAfter } = error as Partial<CliProblem>
  return {
    ...(pointers !== undefined && { pointers }),
    ...(typeof flowId === 'string' && { flowId }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error && typeof error.code === 'string' ? `, ${error.code}` : ''
  return ` (${error.name}${code})`
}
