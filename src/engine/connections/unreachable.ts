import { AddressRefusedError, CannotConnectError, RefreshFailedError, UseTimeoutError } from '../../errors.ts'
import { causeOf, isError, textOf } from '../lib/thrown.ts'

const MAX_CAUSES = 5

/** The codes of errors of Node and undici for a service that cannot be reached, or does not answer. */
const codes: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** The error code of a service that calls cannot reach. */
export type Unreachable = 'cannot_connect' | 'timeout'

/** Returns the code of an error, or of one of its causes, that means that the service cannot be reached; null for others. */
export function unreachableBy(error: unknown, depth = 0): Unreachable | null {
  if (error instanceof CannotConnectError || error instanceof AddressRefusedError) return 'cannot_connect'
  if (error instanceof UseTimeoutError) return 'timeout'
  if (error instanceof RefreshFailedError)
    return error.reason === 'cannot_connect' || error.reason === 'timeout' ? error.reason : null
  if (!isError(error)) return null
  // AbortSignal.timeout() throws it.
  if (textOf(error, 'name') === 'TimeoutError') return 'timeout'
  const code = textOf(error, 'code') ?? ''
  if (codes.has(code)) return code.includes('TIME') ? 'timeout' : 'cannot_connect'
  return depth === MAX_CAUSES ? null : unreachableBy(causeOf(error), depth + 1)
}
