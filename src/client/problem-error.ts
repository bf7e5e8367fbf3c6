import type { View } from '../view.ts'

/** A problem document (RFC 9457) as Latchkey answers it. */
export interface Problem {
  readonly type?: string
  readonly title?: string
  readonly status: number
  readonly detail?: string
  /** Stable; what programs compare. */
  readonly code: string
  /** JSON Pointers (RFC 6901) of the fields at fault. */
  readonly pointers?: readonly string[]
  /** How the flow stands now, with `STALE_REVISION` and `FLOW_ENDED`. */
  readonly view?: View
  /** The flow that is in the way, with `ALREADY_IN_PROGRESS`. */
  readonly flowId?: string
  /** Seconds to wait. */
  readonly retryAfter?: number
}

/** Every answer that is not a success; `UNEXPECTED_ANSWER` where it is none of Latchkey's. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  readonly code: string
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${problem.status}.`)
    this.status = problem.status
    this.code = problem.code
    this.problem = problem
  }
}

/** Reads what a refusal says. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const { status } = response
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null
  const code = typeof body?.code === 'string' ? body.code : 'UNEXPECTED_ANSWER'
  return new ProblemError({ ...body, status, code })
}
