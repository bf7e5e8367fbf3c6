import type { View } from '../view.ts'
import { ProblemError } from './problem-error.ts'

/** Sends a request with an idempotency key. */
type Start = (key: string) => Promise<View>

/**
 * Returns a function that starts flows. If an answer was lost, the next request with the same name has the same key, and
 * so returns the flow that the first one has opened.
 */
export function repeatableStarts(): (name: string, start: Start) => Promise<View> {
  const lost = new Map<string, string>()
  const send = async (name: string, key: string, start: Start): Promise<View> => {
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
    const view = key === undefined ? null : await send(name, key, start)
    // The flow may have ended since.
    return view === null || 'success' in view ? send(name, newKey(), start) : view
  }
}

/** Not `crypto.randomUUID`: browsers have it only on encrypted pages. */
const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')
