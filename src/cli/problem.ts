import { LatchkeyError } from '../errors.ts'

/** What went wrong, for scripts: RFC 9457, with Latchkey's code, and no status because nothing was served. */
export interface CliProblem {
  readonly type: string
  readonly title: string
  /** A sentence with the way out. */
  readonly detail: string
  /** Stable: what programs compare. */
  readonly code: string
  readonly pointers?: readonly string[]
  readonly flowId?: string
  /** In seconds. */
  readonly retryAfter?: number
}

/** An error as a problem. What is not Latchkey's own could say anything, and is told by its name alone. */
export function problemOf(error: unknown): CliProblem {
  const known = error instanceof LatchkeyError
  const code = known ? error.code : 'UNKNOWN'
  return {
    type: `urn:problem-type:latchkey:${code.toLowerCase().replaceAll('_', '-')}`,
    title: 'The command could not be done',
    detail: known ? error.message : `Something unexpected went wrong${nameOf(error)}.`,
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
