import { AddressRefusedError, CannotConnectError, LatchkeyError } from '../../errors.ts'
import type { Network } from '../../ports/network.ts'
import { causeOf, isError, textOf } from '../lib/thrown.ts'
import { unreachableBy } from './unreachable.ts'

const MAX_CAUSES = 5

/**
 * Returns a `fetch` that rejects with {@link CannotConnectError} if the network fails, and with
 * {@link AddressRefusedError} if the host's policy forbids the address. An abort of the caller stays as it is.
 */
export function reachingFetch(fetch: Network['fetch']): Network['fetch'] {
  return async (input, init) => {
    try {
      return await fetch(input, init)
    } catch (error) {
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null)
      if (signal?.aborted === true) throw error
      throw (
        refusedAddress(error) ??
        (isOfNetwork(error) ? new CannotConnectError(undefined, { cause: error }) : error)
      )
    }
  }
}

/** Returns the refusal of an address among an error and its causes; null without one. */
export function refusedAddress(error: unknown, depth = 0): AddressRefusedError | null {
  if (error instanceof AddressRefusedError) return error
  return isError(error) && depth < MAX_CAUSES ? refusedAddress(causeOf(error), depth + 1) : null
}

/** Whether the network has failed: by the code of the error, or because `fetch` wraps it in this way. */
function isOfNetwork(error: unknown): boolean {
  if (!isError(error) || error instanceof LatchkeyError) return false
  if (unreachableBy(error) !== null) return true
  // Among others, the errors of TLS have many codes. An invalid request has no cause.
  const cause = causeOf(error)
  return (
    textOf(error, 'message') === 'fetch failed' &&
    isError(cause) &&
    textOf(cause, 'code') !== 'ERR_INVALID_URL'
  )
}
