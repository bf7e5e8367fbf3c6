import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { ConfigurationError, defineIntegrationWithMethods, type View } from '../../src/index.ts'
import { oauthProvider, oauthTokens, registeredClient } from '../../src/oauth/index.ts'
import { atRest, makeHost } from '../engine/host.ts'
import { asExternal } from '../engine/signed-in-host.ts'

const REDIRECT = 'https://hub.example/oauth/callback/social'

/** Servers of one kind, each at an address that the user enters. Each knows only the clients that it has registered. */
class Servers {
  readonly requests: string[] = []
  readonly clients = new Map<
    string,
    { readonly host: string; readonly secret: string; readonly redirect: string }
  >()
  isDown = false

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const { host, pathname, origin } = new URL(request.url)
    if (pathname.startsWith('/.well-known/')) {
      const urls = { authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` }
      const more = { registration_endpoint: `${origin}/register`, revocation_endpoint: `${origin}/revoke` }
      return Response.json({ issuer: origin, ...urls, ...more })
    }
    const text = await request.text()
    this.requests.push(`${host}${pathname}`)
    if (pathname === '/register') {
      if (this.isDown) return new Response('', { status: 503 })
      const {
        redirect_uris: [redirect],
        client_name: name,
      } = JSON.parse(text)
      const [id, secret] = [`${name}-${this.clients.size + 1}`, `secret-${this.clients.size + 1}`]
      this.clients.set(id, { host, secret, redirect })
      return Response.json(
        { client_id: id, client_secret: secret, client_secret_expires_at: 0 },
        { status: 201 },
      )
    }
    const [id = '', secret] = atob(request.headers.get('authorization')?.slice(6) ?? '').split(':')
    const client = this.clients.get(id)
    if (client?.host !== host || client.secret !== secret)
      return Response.json({ error: 'invalid_client' }, { status: 401 })
    if (pathname === '/revoke') return new Response('')
    return Response.json({
      access_token: `a-of-${id}`,
      refresh_token: 'r',
      token_type: 'bearer',
      expires_in: 3600,
    })
  }
}

const fields = z.object({ server: z.string().regex(/^[a-z.]+$/) })
const provider = oauthProvider({
  issuer: ({ server }: { server: string }) => `https://${server}`,
  register: { clientName: 'Hub' },
  identify: async () => ({ account: 'ann' }),
})
const social = defineIntegrationWithMethods({
  domain: 'social',
  title: 'Social',
  stored: z.object({ ...fields.shape, ...registeredClient, ...oauthTokens }),
  methods: { browser: { title: 'Browser', fields, authorize: provider.authorizationCode() } },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  connect: async ({ accessToken, server }) => ({ client: accessToken.reveal(), uniqueId: `ann@${server}` }),
})

async function scene() {
  const servers = new Servers()
  const cipher = joseCipher([new Uint8Array(32).fill(7)])
  const host = await makeHost({ integrations: [social], cipher, network: { fetch: servers.fetch } })
  const { flows, signIns, entries } = host.latchkey
  const begin = async (view: View) => {
    const { browser, view: begun } = await flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const address = browser === null ? null : await signIns.redirect(view.flowId, browser)
    return { browser, begun, page: new URL(address ?? 'about:blank') }
  }
  const signIn = async (view: View) => {
    const { browser, page } = await begin(view)
    const query = new URLSearchParams({ code: 'c', state: page.searchParams.get('state') ?? '' })
    await signIns.finish({ domain: 'social', query, browserOf: () => browser })
    return { page, view: await flows.get(view.flowId) }
  }
  const enter = async (server: string) => {
    const form = await flows.start({ domain: 'social', source: 'user' })
    return asExternal(await flows.submit(form.flowId, { server }, form))
  }
  const use = (entryId: string) => entries.use(social, entryId, (client) => client)
  return { ...host, servers, begin, signIn, enter, use }
}

describe('oauthProvider with register', () => {
  it('registers a client at the entered server, and uses it from then on', async () => {
    const { servers, enter, signIn, use, latchkey, store, log, pass } = await scene()
    const { page, view } = await signIn(await enter('one.example'))
    expect(view).toMatchObject({ type: 'create_entry', success: true })
    expect(page.origin).toBe('https://one.example')
    expect(page.searchParams.get('client_id')).toBe('Hub-1')
    expect(servers.clients.get('Hub-1')).toMatchObject({ redirect: REDIRECT })
    const entryId = view.entryId ?? ''
    const entry = await store.getEntry('default', entryId)
    expect(entry?.data).toMatchObject({ server: 'one.example', clientId: 'Hub-1' })
    expect(JSON.stringify([entry, log.lines, await latchkey.history(entryId)])).not.toContain('secret-1')
    await pass(3_600_000)
    expect(await use(entryId)).toBe('a-of-Hub-1')
    // A reauthentication needs no other client.
    const form = await latchkey.entries.requestReauth(entryId)
    const again = await signIn(form)
    expect(again.view).toMatchObject({ reason: 'reauth_successful' })
    expect(again.page.searchParams.get('client_id')).toBe('Hub-1')
    await latchkey.entries.remove(entryId)
    await atRest()
    const { requests } = servers
    expect(requests.filter((path) => path.endsWith('/register'))).toHaveLength(1)
    expect(requests.filter((path) => path.endsWith('/revoke'))).not.toEqual([])
  })

  it('has a client for each server', async () => {
    const { servers, enter, signIn } = await scene()
    for (const server of ['one.example', 'two.example'])
      expect((await signIn(await enter(server))).view).toMatchObject({ type: 'create_entry' })
    expect([...servers.clients.values()].map(({ host }) => host)).toEqual(['one.example', 'two.example'])
  })

  it('shows that a server does not register clients now', async () => {
    const { servers, enter, begin } = await scene()
    servers.isDown = true
    const { begun, browser } = await begin(await enter('one.example'))
    expect(begun).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    expect(browser).toBeNull()
  })

  it('has no codes for another device', () => {
    expect(() => provider.deviceCode()).toThrow(ConfigurationError)
  })
})
