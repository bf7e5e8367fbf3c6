import { z } from '@hono/zod-openapi'
import type { SignIns } from '../engine/api/latchkey.ts'
import { demandRight } from './flow-access.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import { HttpProblem } from './problem.ts'
import { reply } from './reply.ts'
import { neededRevision } from './revision.ts'
import * as wire from './schemas.ts'
import { SignInCookies } from './sign-in-cookie.ts'

interface Parts {
  readonly signIns: SignIns
  readonly basePath: string
  /** Where the browser reaches this handler; null while nobody has said so. Never taken from a request. */
  origin(): string | null
}

/**
 * The operations of a sign-in at a service. The page begins with a call of its own, whose answer leaves a cookie with the
 * browser; then the browser goes to `/oauth/begin/{flowId}`, on to the service, and comes back to `/oauth/callback/{domain}`.
 * No address of ours carries a secret that is worth anything without the cookie.
 */
export const signInOperations = ({ signIns, basePath, origin }: Parts): readonly AnyOperation[] => {
  const cookies = () => new SignInCookies({ secure: origin()?.startsWith('https:') === true, basePath })

  return [
    operation({
      method: 'post',
      path: '/flows/{flowId}/authorize',
      summary: "Begins a sign-in at the service's own page; the browser then goes to the view's url.",
      right: 'repair',
      repairable: true,
      params: wire.FlowParams,
      headers: wire.NeededIfMatch,
      answers: { 200: { description: 'How the flow stands.', schema: wire.View } },
      async run(call) {
        const { latchkey, access, params, headers } = call
        const { flowId } = params
        const revision = neededRevision(headers['if-match'])
        await demandRight(call)
        const { domain } = await latchkey.flows.get(flowId)
        const redirectUri = `${reachedAt(origin())}${basePath}/oauth/callback/${domain}`
        const options = { revision, redirectUri, principal: access.principal }
        const { view, browser } = await latchkey.flows.authorize(flowId, options)
        const page = 'repairs' in access ? 'link' : 'page'
        const cookie = browser === null ? {} : { 'set-cookie': cookies().set(flowId, { browser, page }) }
        return answer(view, { headers: cookie })
      },
    }),
    operation({
      method: 'get',
      path: '/oauth/begin/{flowId}',
      summary: 'Sends the browser that began a sign-in to the service, and any other to the page.',
      right: null,
      params: wire.FlowParams,
      answers: { 303: { description: 'Where the browser goes on.' } },
      async run({ params: { flowId }, request }) {
        const kept = cookies().read(request, flowId)
        const url = kept === null ? null : await signIns.redirect(flowId, kept.browser)
        return goTo(url ?? `${basePath}/${ofPage(flowId)}`)
      },
    }),
    operation({
      method: 'get',
      path: '/oauth/callback/{domain}',
      summary: 'Where a service sends the browser back to; it goes on to the page, and takes nothing along.',
      right: null,
      params: z.object({ domain: z.string().max(64) }),
      answers: { 303: { description: 'Where the browser goes on.' } },
      async run({ params: { domain }, request }) {
        const read = (flowId: string) => cookies().read(request, flowId)
        const query = new URL(request.url).searchParams
        const browserOf = (flowId: string) => read(flowId)?.browser ?? null
        const returned = await signIns.finish({ domain, query, browserOf })
        const { flowId } = returned
        const isLink = flowId !== null && read(flowId)?.page === 'link'
        const said = returned.type === 'ignored' ? `?callback=${returned.code}` : ''
        const cleared = returned.type === 'moved' ? { 'set-cookie': cookies().clear(returned.flowId) } : {}
        return goTo(`${basePath}${isLink ? '/link/opened' : '/'}${said}${ofPage(flowId)}`, cleared)
      },
    }),
  ]
}

/** What opens a flow in the page. */
const ofPage = (flowId: string | null): string =>
  flowId === null ? '' : `#flow=${encodeURIComponent(flowId)}`

/** @throws HttpProblem where nobody has said where this handler is reached */
function reachedAt(origin: string | null): string {
  if (origin !== null) return origin
  throw new HttpProblem(
    409,
    'NO_PUBLIC_URL',
    'The service has to know where to send the browser back to. Give latchkeyHandler a publicUrl.',
  )
}

/** The address that is left goes nowhere along. */
const goTo = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  reply(null, 303, { location, 'referrer-policy': 'no-referrer', ...headers })
