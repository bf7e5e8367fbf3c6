import type { Network } from '../../ports/network.ts'
import { unreachableBy } from './unreachable.ts'

/** Counts the answers of a service and the requests that did not reach it, over one connection. */
export class Traffic {
  /** The number of answers that do not report an error of the server. */
  answers = 0
  /** The number of requests that failed without an answer. */
  misses = 0

  /** Returns a `fetch` that counts. Requests that the caller has cancelled do not count. */
  counting(fetch: Network['fetch']): Network['fetch'] {
    return async (input, init) => {
      try {
        const response = await fetch(input, init)
        if (response.status < 500) this.answers++
        return response
      } catch (error) {
        if (init?.signal?.aborted !== true || unreachableBy(error) !== null) this.misses++
        throw error
      }
    }
  }
}
