import { ConfigurationError } from '../errors.ts'
import type { HandlerOptions } from './access.ts'
import { HttpProblem } from './problem.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The origin under which people reach the host; null where only loopback is answered.
 * @throws ConfigurationError where others are to be answered and nobody says who may, or the other way round
 */
export function publicOrigin({ authorize, publicUrl }: HandlerOptions): string | null {
  if (publicUrl === undefined) {
    if (authorize === undefined) return null
    throw new ConfigurationError(
      'Give latchkeyHandler the publicUrl too: requests for other hosts and from other origins are refused by it.',
    )
  }
  const url = URL.parse(publicUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError('The publicUrl has its scheme, for example https://hub.example.')
  }
  if (authorize === undefined && !LOOPBACK.test(url.hostname)) {
    throw new ConfigurationError('Say with authorize who may: without it only this machine is answered.')
  }
  return url.origin
}

/**
 * Refuses a host that is not ours (a name that was pointed at us: DNS rebinding) and pages of other origins (CSRF).
 * @param origin the public one; null where only loopback is answered
 * @throws HttpProblem
 */
export function checkOrigin(request: Request, origin: string | null): void {
  const url = new URL(request.url)
  const isOurs = origin === null ? LOOPBACK.test(url.hostname) : url.host === new URL(origin).host
  if (!isOurs) throw new HttpProblem(421, 'WRONG_HOST', 'This host does not answer to that name.')
  const from = request.headers.get('origin')
  if (from !== null && from !== (origin ?? url.origin)) {
    throw new HttpProblem(403, 'WRONG_ORIGIN', 'Pages of another origin may not call this.')
  }
}
