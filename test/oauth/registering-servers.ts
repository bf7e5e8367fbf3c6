import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import {
  type AnyIntegration,
  defineIntegrationWithMethods,
  memoryStore,
  type Store,
  type View,
} from '../../src/index.ts'
import { oauthProvider, oauthTokens, registeredClient } from '../../src/oauth/index.ts'
import { afterLeases, type Host, type HostOptions, makeHost } from '../engine/host.ts'
import { asExternal } from '../engine/signed-in-host.ts'

export const REDIRECT = 'https://hub.example/oauth/callback/social'

/** Servers of one kind, each at an address that the user enters. Each knows only the clients that it has registered. */
export class Servers {
  readonly requests: string[] = []
  readonly clients = new Map<
    string,
    { readonly host: string; readonly secret: string; readonly redirect: string }
  >()
  /** The requests to the servers but `one.example`, with their credentials. */
  readonly sentElsewhere: string[] = []
  isDown = false
  /** The lifetime of access tokens, in seconds. */
  lifetime = 3600
  #registered = 0
  /** Whether `evil.example` names its client like that of another server. */
  imitates = false
  /** Whether clients can be deleted (RFC 7592). */
  deletes = false
  /** The clients of all requests that delete one. */
  readonly deleted: string[] = []
  /** Whether the user has entered the code of a device. */
  isApproved = false
  #codes = 0
  /** Answers a request before the server does. */
  answers: (path: string) => Promise<Response | undefined> | undefined = () => undefined

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const { host, pathname, origin } = new URL(request.url)
    const answer = await this.answers(pathname)
    if (answer !== undefined) return answer
    if (pathname.startsWith('/.well-known/')) {
      const urls = { authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` }
      const device = { device_authorization_endpoint: `${origin}/device` }
      const more = {
        ...device,
        registration_endpoint: `${origin}/register`,
        revocation_endpoint: `${origin}/revoke`,
      }
      return Response.json({ issuer: origin, ...urls, ...more })
    }
    if (request.method === 'DELETE') return this.#delete(pathname.slice('/register/'.length), request)
    const text = await request.text()
    this.requests.push(`${host}${pathname}`)
    const authorization = atob(request.headers.get('authorization')?.slice(6) ?? '')
    if (host !== 'one.example') this.sentElsewhere.push(`${authorization} ${text}`)
    if (pathname === '/register') {
      if (this.isDown) return new Response('', { status: 503 })
      const { redirect_uris: [redirect = 'none'] = [], client_name: name } = JSON.parse(text)
      this.#registered += 1
      const [id, secret] = [`${name}-${this.#registered}`, `secret-${this.#registered}`]
      if (host === 'evil.example')
        return Response.json({ client_id: this.imitates ? 'Hub-1' : 'Evil' }, { status: 201 })
      this.clients.set(id, { host, secret, redirect })
      const names = { client_id: id, client_secret: secret, client_secret_expires_at: 0 }
      const own = {
        registration_client_uri: `${origin}/register/${id}`,
        registration_access_token: `own-${secret}`,
      }
      return Response.json({ ...names, ...(this.deletes && own) }, { status: 201 })
    }
    if (host === 'evil.example')
      return Response.json({ access_token: 'evil', token_type: 'bearer', expires_in: 3600 })
    const [id = '', secret] = authorization.split(':')
    const client = this.clients.get(id)
    if (client?.host !== host || client.secret !== secret)
      return Response.json({ error: 'invalid_client' }, { status: 401 })
    if (pathname === '/revoke') return new Response('')
    if (pathname === '/device') {
      const code = {
        device_code: 'd',
        user_code: `code-${++this.#codes}`,
        verification_uri: `${origin}/code`,
      }
      return Response.json({ ...code, expires_in: 300, interval: 5 })
    }
    if (text.includes('device_code') && !this.isApproved)
      return Response.json({ error: 'authorization_pending' }, { status: 400 })
    return Response.json({
      access_token: `a-of-${id}`,
      refresh_token: 'refresh-of-one',
      token_type: 'bearer',
      expires_in: this.lifetime,
    })
  }

  #delete(id: string, { headers }: Request): Response {
    if (this.isDown) return new Response('', { status: 503 })
    this.deleted.push(id)
    const { secret } = this.clients.get(id) ?? {}
    if (headers.get('authorization') !== `Bearer own-${secret}`) return new Response('', { status: 401 })
    this.clients.delete(id)
    return new Response(null, { status: 204 })
  }
}

export const fields = z.object({ server: z.string().regex(/^[a-z.]+$/) })
export const stored = z.object({ ...fields.shape, ...registeredClient, ...oauthTokens })
export const provider = oauthProvider({
  issuer: ({ server }: { server: string }) => `https://${server}`,
  register: { clientName: 'Hub' },
  identify: async () => ({ account: 'ann' }),
})
export const social = defineIntegrationWithMethods({
  domain: 'social',
  title: 'Social',
  stored,
  methods: { browser: { title: 'Browser', fields, authorize: provider.authorizationCode() } },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  connect: async ({ accessToken, server }) => ({
    client: accessToken.reveal(),
    // All servers but one belong to the same network of accounts.
    uniqueId: server === 'two.example' ? 'ann@two' : 'ann',
  }),
})

export const fixed = defineIntegrationWithMethods({
  domain: 'fixed',
  title: 'Fixed',
  stored: z.object({ ...registeredClient, ...oauthTokens }),
  methods: {
    browser: {
      title: 'Browser',
      authorize: oauthProvider({
        issuer: 'https://one.example',
        register: { clientName: 'Hub' },
        identify: async () => ({ account: 'ann' }),
      }).authorizationCode(),
    },
  },
  connect: async () => ({ client: null, uniqueId: 'ann' }),
})

export const gadget = defineIntegrationWithMethods({
  domain: 'gadget',
  title: 'Gadget',
  stored,
  methods: { device: { title: 'Code', fields, authorize: provider.deviceCode() } },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  connect: async ({ accessToken }) => ({ client: accessToken.reveal(), uniqueId: 'ann' }),
})

/** A host with the steps of its users. */
function acting(host: Host) {
  const { flows, signIns, entries } = host.latchkey
  const begin = async (view: View) => {
    const { browser, view: begun } = await flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const address = browser === null ? null : await signIns.redirect(view.flowId, browser)
    return { browser, begun, page: new URL(address ?? 'about:blank') }
  }
  const comeBack = async (
    browser: string | null,
    page: URL,
    { flowId }: View,
    answer: Record<string, string> = { code: 'c' },
  ) => {
    const query = new URLSearchParams({ ...answer, state: page.searchParams.get('state') ?? '' })
    await signIns.finish({ domain: 'social', query, browserOf: () => browser })
    return flows.get(flowId)
  }
  const signIn = async (view: View, answer?: Record<string, string>) => {
    const { browser, page } = await begin(view)
    return { page, view: await comeBack(browser, page, view, answer) }
  }
  const enter = async (server: string, opened?: Promise<View>) => {
    const form = await (opened ?? flows.start({ domain: 'social', source: 'user' }))
    return asExternal(await flows.submit(form.flowId, { server }, form))
  }
  const use = (entryId: string) => entries.use(social, entryId, (client) => client)
  return { ...host, begin, comeBack, signIn, enter, use }
}

/** A host with integrations that register a client at each server. `changed` replaces the first one. */
export async function scene(store: Store = memoryStore(), changed: AnyIntegration = social) {
  const servers = new Servers()
  const cipher = joseCipher([new Uint8Array(32).fill(7)])
  const network = { fetch: servers.fetch }
  const clock = new SimulatedClock()
  clock.set(Date.now())
  const host = await makeHost({ integrations: [changed, fixed, gadget], cipher, network, clock, store })
  const made = { servers, network, ...acting(host) }
  /** Another process, after the leases of this one have lapsed. */
  const next = async (changes: HostOptions = {}) => acting(await afterLeases(host, changes))
  return { ...made, next }
}
