import { ConfigurationError } from '../errors.ts'
import type { HandlerOptions } from './access.ts'
import { HttpProblem } from './problem.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Returns the public origin of the host, or `null` if only loopback is answered.
 *
 * @throws ConfigurationError if `publicUrl` is invalid, or if only one of `authorize` and a public `publicUrl` is set
 */
export function publicOrigin({ authorize, publicUrl }: HandlerOptions): string | null {
  if (publicUrl === undefined) {
    if (authorize === undefined) return null
    throw new ConfigurationError(
      'Missing publicUrl. latchkeyHandler needs it with authorize, to reject requests for other hosts and origins.',
    )
  }
  const url = URL.parse(publicUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError(
      `Invalid publicUrl ${JSON.stringify(publicUrl)}. Use an http or https URL, for example "https://hub.example".`,
    )
  }
  if (url.href !== `${url.origin}/`)
    throw new ConfigurationError(
      `Invalid publicUrl ${JSON.stringify(url.origin)} with more than an origin. Pass a path as basePath.`,
    )
  if (authorize === undefined && !LOOPBACK.test(url.hostname)) {
    throw new ConfigurationError(
      'Missing authorize. latchkeyHandler needs it to answer requests from other machines.',
    )
  }
  return url.origin
}

/** Matches URLs of this machine. */
const LOOPBACK_URL = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\//

/**
 * Returns a function that throws an HttpProblem for requests to other hosts (DNS rebinding) and from pages of other
 * origins (CSRF).
 *
 * @param origin the public origin; `null` if only loopback is answered
 * @param paths `health`: the path of the health checks. A probe names the address of the process, so it can use any host.
 *   `callback`: the path of sign-ins. The page of a service posts a form to it.
 */
export function originCheck(
  origin: string | null,
  { health, callback }: { readonly health: string; readonly callback: string },
): (request: Request) => void {
  const host = origin === null ? null : new URL(origin).host
  // Compares the text if possible, because parsing a URL costs as much as finding its route.
  const isOwnText = (address: string) =>
    host === null
      ? LOOPBACK_URL.test(address)
      : address.startsWith(`https://${host}/`) || address.startsWith(`http://${host}/`)
  return ({ url: address, headers, method }) => {
    const from = headers.get('origin')
    if (from === null && isOwnText(address)) return
    const url = new URL(address)
    if (from === null && url.pathname.startsWith(health)) return
    const isOwnHost = host === null ? LOOPBACK.test(url.hostname) : url.host === host
    if (!isOwnHost)
      throw new HttpProblem(
        421,
        'WRONG_HOST',
        'This server does not answer for this host name. Set publicUrl if it should.',
      )
    const isCallback = method === 'POST' && url.pathname.startsWith(callback)
    if (from !== null && from !== (origin ?? url.origin) && !isCallback) {
      throw new HttpProblem(403, 'WRONG_ORIGIN', 'Requests from pages of other origins are not allowed.')
    }
  }
}
