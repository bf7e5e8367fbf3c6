import { z } from '@hono/zod-openapi'
import type { SignIns } from '../engine/api/latchkey.ts'
import { bodyText } from './body-text.ts'
import { flowShownTo } from './details.ts'
import { requireRight } from './flow-access.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import { HttpProblem } from './problem.ts'
import { reply } from './reply.ts'
import { requiredRevision } from './revision.ts'
import * as wire from './schemas.ts'
import { SignInCookies } from './sign-in-cookie.ts'

/** The media type of a form. */
const FORM = 'application/x-www-form-urlencoded'

/** The maximum size of a form that a service posts, in bytes. */
const MAX_FORM = 16 * 1024

interface Parts {
  readonly signIns: SignIns
  readonly basePath: string
  /** The public origin of the handler, to which the browser returns; `null` if unknown. Never taken from a request. */
  origin(): string | null
}

/**
 * Returns the operations for signing in on the page of a service. The page first calls `authorize`, which sets a cookie.
 * Then the browser goes to `/oauth/begin/{flowId}`, on to the service, and returns to `/oauth/callback/{domain}`. URLs
 * contain no secret that works without the cookie.
 */
export const signInOperations = ({ signIns, basePath, origin }: Parts): readonly AnyOperation[] => {
  const cookies = () => new SignInCookies({ secure: origin()?.startsWith('https:') === true, basePath })

  return [
    operation({
      method: 'post',
      path: '/flows/{flowId}/authorize',
      summary: 'Begin a sign-in at the service. Then send the browser to the `url` of the view.',
      right: 'repair',
      repairable: true,
      params: wire.FlowParams,
      headers: wire.RequiredIfMatch,
      answers: { 200: { description: 'The flow.', schema: wire.View } },
      async run(call) {
        const { latchkey, access, params, headers } = call
        const { flowId } = params
        const revision = requiredRevision(headers['if-match'])
        await requireRight(call)
        const { domain } = await latchkey.flows.get(flowId)
        const redirectUri = `${requireOrigin(origin())}${basePath}/oauth/callback/${domain}`
        const options = { revision, redirectUri, principal: access.principal }
        const { view, browser } = await latchkey.flows.authorize(flowId, options)
        const page = 'repairs' in access ? 'link' : 'page'
        const cookie = browser === null ? {} : { 'set-cookie': cookies().set(flowId, { browser, page }) }
        return answer(flowShownTo(access, view), { headers: cookie })
      },
    }),
    operation({
      method: 'get',
      path: '/oauth/begin/{flowId}',
      summary:
        'Redirect the browser that began a sign-in to the service. Other browsers are redirected to the page.',
      right: null,
      params: wire.FlowParams,
      answers: { 303: { description: 'A redirect.' } },
      async run({ params: { flowId }, request }) {
        const cookie = cookies().read(request, flowId)
        const url = cookie === null ? null : await signIns.redirect(flowId, cookie.browser)
        return redirect(url ?? `${basePath}/${flowFragment(flowId)}`)
      },
    }),
    operation({
      method: 'post',
      path: '/oauth/callback/{domain}',
      summary:
        'Receive the form of a service that answers by `form_post`, and redirect the browser to itself.',
      right: null,
      params: z.object({ domain: z.string().max(64) }),
      answers: { 303: { description: 'A redirect to the same path, with the members of the form.' } },
      async run({ params: { domain }, request }) {
        if (!new RegExp(`^${FORM} *(;|$)`, 'i').test(request.headers.get('content-type') ?? '')) {
          throw new HttpProblem(
            415,
            'UNSUPPORTED_MEDIA_TYPE',
            `Unsupported content type. Send a form as "${FORM}".`,
          )
        }
        const form = new URLSearchParams(await bodyText(request, MAX_FORM))
        // The request comes from the page of the service, so browsers send it without the cookie. The next one has it.
        return redirect(`${basePath}/oauth/callback/${encodeURIComponent(domain)}?${form}`)
      },
    }),
    operation({
      method: 'get',
      path: '/oauth/callback/{domain}',
      summary: 'Receive the browser from the service and redirect it to the page.',
      right: null,
      params: z.object({ domain: z.string().max(64) }),
      answers: { 303: { description: 'A redirect.' } },
      async run({ params: { domain }, request }) {
        const read = (flowId: string) => cookies().read(request, flowId)
        const query = new URL(request.url).searchParams
        const browserOf = (flowId: string) => read(flowId)?.browser ?? null
        const returned = await signIns.finish({ domain, query, browserOf })
        const { flowId } = returned
        const isLink = flowId !== null && read(flowId)?.page === 'link'
        const search = returned.type === 'ignored' ? `?callback=${returned.code}` : ''
        const headers = returned.type === 'moved' ? { 'set-cookie': cookies().clear(returned.flowId) } : {}
        return redirect(
          `${basePath}${isLink ? '/link/opened' : '/'}${search}${flowFragment(flowId)}`,
          headers,
        )
      },
    }),
  ]
}

/** Returns the fragment that opens a flow in the page. */
const flowFragment = (flowId: string | null): string =>
  flowId === null ? '' : `#flow=${encodeURIComponent(flowId)}`

/** @throws HttpProblem if the origin is unknown */
function requireOrigin(origin: string | null): string {
  if (origin !== null) return origin
  throw new HttpProblem(
    409,
    'NO_PUBLIC_URL',
    'The address of this server is unknown, so the service could not redirect back to it. Set publicUrl.',
  )
}

/** Returns a redirect that sends no referrer. */
const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  reply(null, 303, { location, 'referrer-policy': 'no-referrer', ...headers })
