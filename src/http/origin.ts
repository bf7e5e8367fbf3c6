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

/** The host of an address that is plainly this machine's own. */
const LOOPBACK_URL = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\//

/**
 * Makes what refuses a host that is not ours (a name that was pointed at us: DNS rebinding) and pages of other
 * origins (CSRF), with an HttpProblem.
 * @param origin the public one; null where only loopback is answered
 */
export function originCheck(origin: string | null): (request: Request) => void {
  const host = origin === null ? null : new URL(origin).host
  // Told from the text, where it is that plain: to read an address costs as much as to find what it names.
  const isPlainlyOurs = (address: string) =>
    host === null
      ? LOOPBACK_URL.test(address)
      : address.startsWith(`https://${host}/`) || address.startsWith(`http://${host}/`)
  return ({ url: address, headers }) => {
    const from = headers.get('origin')
    if (from === null && isPlainlyOurs(address)) return
    const url = new URL(address)
    const isOurs = host === null ? LOOPBACK.test(url.hostname) : url.host === host
    if (!isOurs) throw new HttpProblem(421, 'WRONG_HOST', 'This host does not answer to that name.')
    if (from !== null && from !== (origin ?? url.origin)) {
      throw new HttpProblem(403, 'WRONG_ORIGIN', 'Pages of another origin may not call this.')
    }
  }
}
