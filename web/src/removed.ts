import { ProblemError } from '../../src/client/index.ts'

/** Resolves with true after a removal. Also if it was removed before: the answer to the first request may be lost. */
export async function removed(removal: Promise<unknown>): Promise<true> {
  try {
    await removal
  } catch (error) {
    if (!(error instanceof ProblemError && error.status === 404)) throw error
  }
  return true
}
