import { ProblemError } from '../../src/client/index.ts'

/** A flow that is open already is the one to go on with. */
export function theirs(error: unknown): string {
  const flowId = error instanceof ProblemError ? error.problem.flowId : undefined
  if (flowId === undefined) throw error
  return flowId
}
