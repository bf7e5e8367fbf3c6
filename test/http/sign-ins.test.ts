import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import type { View } from '../../src/view.ts'
import type { Host } from '../engine/host.ts'
import { signedInHost } from '../engine/signed-in-host.ts'
import { SignInBrowser } from '../oauth/sign-in-browser.ts'

const LOCAL = 'http://127.0.0.1:4711'
const PUBLIC = 'https://hub.example'

let provider: ExampleProvider
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())

/** A handler, the requests of its page, and a browser that stores its cookies. */
async function serve({
  publicUrl,
  basePath = '',
  ...more
}: {
  publicUrl?: string
  basePath?: string
  port?: number
}) {
  const host: Host = await signedInHost(provider)
  const handler = latchkeyHandler(host.latchkey, {
    basePath,
    log: host.log,
    links: { key: new Uint8Array(32).fill(9) },
    ...(publicUrl !== undefined && {
      publicUrl,
      authorize: () => ({ scope: 'default', principal: 'me', rights: ['manage'] }),
    }),
  })
  if (more.port !== undefined) handler.listening(more.port)
  const origin = publicUrl ?? LOCAL
  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    handler(
      new Request(`${origin}${basePath}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${handler.startToken}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
  const start = async (way: string): Promise<View> => {
    const menu = await host.latchkey.flows.start({ domain: 'account', source: 'user' })
    return host.latchkey.flows.choose(menu.flowId, way, menu)
  }
  const begin = async ({ flowId, revision }: View, headers: Record<string, string> = {}) => {
    const response = await ask('POST', `/flows/${flowId}/authorize`, {
      'if-match': `"${revision}"`,
      ...headers,
    })
    const [line = ''] = response.headers.getSetCookie()
    return { response, line, cookie: line.split(';')[0] ?? '' }
  }
  const go = async (path: string, cookie = '') => {
    const response = await handler(new Request(`${origin}${basePath}${path}`, { headers: { cookie } }))
    return { status: response.status, location: response.headers.get('location') ?? '', response }
  }
  return { host, handler, ask, start, begin, go }
}

/** The path and query to which a service redirects the browser. */
const pathOf = (address: string): string => address.replace(/^https?:\/\/[^/]+/, '')

const signInAt = async (address: string, user: string): Promise<string> => {
  const { url } = await new SignInBrowser().signIn(address, user, ({ href }) => href.startsWith(LOCAL))
  return pathOf(url.href)
}

describe('a sign-in over HTTP', () => {
  it('sets a cookie, redirects the browser to the service and back, and ends at a URL without a query', async () => {
    const { host, begin, go, start } = await serve({ port: 4711 })
    const view = await start('browser')
    const { response, line, cookie } = await begin(view)
    expect(line).toMatch(
      new RegExp(`^latchkey-${view.flowId}=page\\.\\S+; Path=/oauth; Max-Age=600; HttpOnly; SameSite=Lax$`),
    )
    const shown = (await response.json()) as View & { url: string }
    expect(shown.url).toBe(`oauth/begin/${view.flowId}`)
    const there = await go(`/${shown.url}`, cookie)
    expect(there.status).toBe(303)
    expect(new URL(there.location).searchParams.get('redirect_uri')).toBe(`${LOCAL}/oauth/callback/account`)
    expect(there.response.headers.get('referrer-policy')).toBe('no-referrer')
    const back = await go(await signInAt(there.location, 'alice'), `other=1; ${cookie}`)
    expect(back).toMatchObject({ status: 303, location: `/#flow=${view.flowId}` })
    expect(back.response.headers.getSetCookie()[0]).toContain('Max-Age=0')
    expect(await back.response.text()).toBe('')
    expect(await host.latchkey.flows.get(view.flowId)).toMatchObject({ type: 'create_entry' })
  })

  it('sets its cookie only for this host with TLS, and returns only to the public URL', async () => {
    const { begin, go, start } = await serve({ publicUrl: PUBLIC, basePath: '/latchkey' })
    const view = await start('browser')
    const { line, cookie } = await begin(view, { 'x-forwarded-host': 'evil.example' })
    expect(line).toMatch(/^__Host-latchkey-\S+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)
    const { location } = await go(`/oauth/begin/${view.flowId}`, cookie)
    const request = new URL(location).searchParams.get('redirect_uri')
    expect(request).toBe(`${PUBLIC}/latchkey/oauth/callback/account`)
  })

  it('does not begin before the address of the handler is known, and ignores addresses in requests', async () => {
    const { begin, start } = await serve({})
    const { response, line } = await begin(await start('browser'), {
      host: 'localhost:1',
      'x-forwarded-host': 'evil',
    })
    expect([response.status, line]).toEqual([409, ''])
    expect(await response.json()).toMatchObject({ code: 'NO_PUBLIC_URL' })
  })

  it('begins only with the right, and only for the current revision', async () => {
    const { begin, start } = await serve({ port: 4711 })
    const view = await start('browser')
    expect((await begin(view, { authorization: '' })).response.status).toBe(401)
    expect((await begin({ ...view, revision: 99 })).response.status).toBe(412)
    expect((await begin(await start('device'))).response.status).toBe(409)
  })

  it.each([
    ['/oauth/begin/nobody', '/#flow=nobody'],
    ['/oauth/begin/..%2F..%2Fevil', '/#flow=..%2F..%2Fevil'],
    ['/oauth/callback/account', '/?callback=authorize_foreign'],
    ['/oauth/callback/nobody?state=x&code=y', '/?callback=authorize_foreign'],
    ['/oauth/callback/account?state=x&error=access_denied', '/?callback=authorize_foreign'],
  ])('redirects a browser without the cookie from %s to the page: %s', async (path, location) => {
    const { host, go } = await serve({ port: 4711 })
    expect(await go(path)).toMatchObject({ status: 303, location })
    expect(await go(path, 'latchkey-nobody=page.made-up')).toMatchObject({ status: 303, location })
    expect(host.log.lines).toEqual([])
  })

  it('ignores another browser, a late one and a second return, and keeps their queries out of the URL', async () => {
    const { host, begin, go, start } = await serve({ port: 4711 })
    const view = await start('browser')
    const { cookie } = await begin(view)
    const there = await go(`/oauth/begin/${view.flowId}`, cookie)
    expect((await go(`/oauth/begin/${view.flowId}`)).location).toBe(`/#flow=${view.flowId}`)
    const callback = await signInAt(there.location, 'bob')
    expect((await go(callback)).location).toBe(`/?callback=authorize_foreign#flow=${view.flowId}`)
    expect((await go(callback, cookie)).location).toBe(`/#flow=${view.flowId}`)
    expect((await go(callback, cookie)).location).toBe(`/?callback=authorize_expired#flow=${view.flowId}`)
    expect(host.log.lines).toEqual([])
  })

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    new Request(`${LOCAL}${path}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://service.example',
        ...headers,
      },
    })

  it('accepts the form of a service from its page, and checks its members like those of an address', async () => {
    const { host, handler, begin, go, start } = await serve({ port: 4711 })
    const view = await start('browser')
    const { cookie } = await begin(view)
    const there = await go(`/oauth/begin/${view.flowId}`, cookie)
    const callback = new URL(await signInAt(there.location, 'alice'), LOCAL)
    const posted = await handler(post(callback.pathname, callback.search.slice(1)))
    expect([posted.status, posted.headers.get('referrer-policy')]).toEqual([303, 'no-referrer'])
    expect(posted.headers.get('location')).toBe(`${callback.pathname}${callback.search}`)
    expect(posted.headers.getSetCookie()).toEqual([])
    expect(await host.latchkey.flows.get(view.flowId)).toMatchObject({ type: 'external' })
    const path = posted.headers.get('location') ?? ''
    expect((await go(path)).location).toContain('callback=authorize_foreign')
    expect((await go(path, cookie)).location).toBe(`/#flow=${view.flowId}`)
    expect(await host.latchkey.flows.get(view.flowId)).toMatchObject({ type: 'create_entry' })
  })

  it.each<[string, Request, number]>([
    ['that is larger than 16 kB', post('/oauth/callback/account', `a=${'x'.repeat(16_384)}`), 413],
    [
      'that is not a form',
      post('/oauth/callback/account', '{}', { 'content-type': 'application/json' }),
      415,
    ],
    ['for another host', new Request('http://evil.example/oauth/callback/account', { method: 'POST' }), 421],
    ['for another path, from another page', post('/flows', 'a=b'), 403],
    ['for another method, from another page', post('/oauth/begin/x', 'a=b'), 403],
  ])('refuses a form %s', async (_, request, status) => {
    const { handler } = await serve({ port: 4711 })
    expect((await handler(request)).status).toBe(status)
  })

  it('refuses a request to the callback by another page that posts no form', async () => {
    const { handler } = await serve({ port: 4711 })
    const headers = { origin: 'https://service.example' }
    const response = await handler(new Request(`${LOCAL}/oauth/callback/account?state=x`, { headers }))
    expect(response.status).toBe(403)
  })

  it('redirects the holder of a repair link back to its page', async () => {
    const { host, ask, begin, go, start } = await serve({ port: 4711 })
    const view = await start('browser')
    const first = await begin(view)
    const address = await go(`/oauth/begin/${view.flowId}`, first.cookie)
    await go(await signInAt(address.location, 'alice'), first.cookie)
    const { items } = await host.latchkey.entries.list()
    const entryId = items[0]?.entryId ?? ''
    await host.latchkey.entries.requestReauth(entryId)
    const { url } = (await (await ask('POST', `/entries/${entryId}/links`)).json()) as { url: string }
    const opened = await ask('POST', '/link', {}, { token: url.split('/').at(-1) })
    const { session, flow } = (await opened.json()) as { session: string; flow: View }
    const { cookie } = await begin(flow, { authorization: `Bearer ${session}` })
    const there = await go(`/oauth/begin/${flow.flowId}`, cookie)
    const back = await go(await signInAt(there.location, 'alice'), cookie)
    expect(back.location).toBe(`/link/opened#flow=${flow.flowId}`)
    expect(await host.latchkey.flows.get(flow.flowId)).toMatchObject({ reason: 'reauth_successful' })
  })

  it('polls for a code only with the right', async () => {
    const { ask, start } = await serve({ port: 4711 })
    const view = await start('device')
    const poll = (headers = {}) => ask('POST', `/flows/${view.flowId}`, headers, { poll: true })
    expect((await poll({ authorization: '' })).status).toBe(401)
    expect(await (await poll()).json()).toMatchObject({ step: 'device', userCode: expect.any(String) })
  })
})
