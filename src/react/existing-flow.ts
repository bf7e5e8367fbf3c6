import { ProblemError } from '../client/index.ts'

/** Returns the id of the flow that is already open, if that is the reason for the error. @throws the error otherwise */
export function existingFlow(error: unknown): string {
  const flowId = error instanceof ProblemError ? error.problem.flowId : undefined
  if (flowId === undefined) throw error
  return flowId
}
