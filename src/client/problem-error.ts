import type { View } from '../view.ts'

/** An error response of Latchkey (RFC 9457). */
export interface Problem {
  readonly type?: string
  readonly title?: string
  readonly status: number
  readonly detail?: string
  /** Stable error code. */
  readonly code: string
  /** JSON Pointers (RFC 6901) of the invalid fields. */
  readonly pointers?: readonly string[]
  /** The current view of the flow, for `STALE_REVISION` and `FLOW_ENDED`. */
  readonly view?: View
  /** The blocking flow, for `ALREADY_IN_PROGRESS`. */
  readonly flowId?: string
  /** Time to wait in seconds. */
  readonly retryAfter?: number
  /** Whether a failed store has written the change, for `STORE`. If it is not known, read it again. */
  readonly outcome?: 'not_written' | 'unknown'
}

/** Thrown for every unsuccessful response. The code is `UNEXPECTED_ANSWER` if the response is not a Latchkey error. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  readonly code: string
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `The server responded with ${problem.status}.`)
    this.status = problem.status
    this.code = problem.code
    this.problem = problem
  }
}

/** Reads the error from a response. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const { status } = response
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null
  const code = typeof body?.code === 'string' ? body.code : 'UNEXPECTED_ANSWER'
  return new ProblemError({ ...body, status, code })
}
