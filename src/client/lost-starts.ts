import { ProblemError } from './problem-error.ts'

/** Sends a request with an idempotency key. */
type Start<Answer> = (key: string) => Promise<Answer>

/** Sends requests of a name. */
export type Repeatable = <Answer extends object>(name: string, start: Start<Answer>) => Promise<Answer>

/**
 * Returns a function that sends requests that create something. If an answer was lost, the next request with the same name
 * has the same key, and so returns what the first one has created.
 */
export function repeatable(): Repeatable {
  const lost = new Map<string, string>()
  const send = async <Answer>(name: string, key: string, start: Start<Answer>): Promise<Answer> => {
    try {
      return await start(key)
    } catch (error) {
      // A proxy can answer for the server.
      if (!(error instanceof ProblemError) || error.status >= 500) lost.set(name, key)
      throw error
    }
  }
  return async (name, start) => {
    const key = lost.get(name)
    // Another start at the same time is another request.
    lost.delete(name)
    const answer = key === undefined ? null : await send(name, key, start)
    // A flow may have ended since.
    return answer === null || 'success' in answer ? send(name, newKey(), start) : answer
  }
}

/** Not `crypto.randomUUID`: browsers have it only on encrypted pages. */
const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')
