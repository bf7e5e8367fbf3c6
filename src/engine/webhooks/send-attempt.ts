import { AddressRefusedError } from '../../errors.ts'
import type { WebhookAttempt } from '../api/webhooks.ts'
import type { Core } from '../kernel/core.ts'
import { underDeadline } from '../lib/deadline.ts'
import { ignore } from '../lib/ignore.ts'
import { resolveAddress } from './webhook-url.ts'

/** The timeout of an attempt in milliseconds. */
const ATTEMPT_TIMEOUT = 10_000

/** The answer of a receiver, or the reason why it is missing. `until`: a wait that the receiver demanded. */
export interface AttemptAnswer extends Omit<WebhookAttempt, 'at'> {
  readonly until: number | null
}

/** The code of an error without an answer. */
class NoAnswer extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/**
 * Sends a request. Redirects are not followed, and the body of the answer is not read. The address is resolved and
 * checked each time, because the answer of a DNS server can change.
 */
export async function sendAttempt(
  { clock, connector }: Core,
  {
    url,
    headers,
    body,
  }: { readonly url: string; readonly headers: Record<string, string>; readonly body: string },
): Promise<AttemptAnswer> {
  const { network } = connector
  try {
    const late = () => new NoAnswer('timeout')
    return await underDeadline(clock, { timeout: ATTEMPT_TIMEOUT }, late, async ({ signal }) => {
      if (!isEncrypted(url) && network.plainHttp !== true) throw new NoAnswer('not_https')
      await resolveAddress(network, url)
      signal.throwIfAborted()
      const request = { method: 'POST', headers, body, redirect: 'manual', signal } as const
      const response = await network.fetch(url, request)
      // Closes the connection: an answer without an end must not occupy it.
      response.body?.cancel().catch(ignore)
      const { status } = response
      return { status, code: null, until: retryAt(response.headers.get('retry-after'), clock.now()) }
    })
  } catch (error) {
    return { status: null, code: codeOf(error), until: null }
  }
}

const isEncrypted = (url: string): boolean => url.startsWith('https:')

function codeOf(error: unknown): string {
  if (error instanceof NoAnswer) return error.code
  return error instanceof AddressRefusedError ? 'address_refused' : 'cannot_connect'
}

/** Returns the time in a Retry-After header (RFC 9110, 10.2.3) in milliseconds since the epoch; null without one. */
function retryAt(header: string | null, now: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header)) return now + Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : at
}
