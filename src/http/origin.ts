import { HttpProblem } from './problem.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

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
