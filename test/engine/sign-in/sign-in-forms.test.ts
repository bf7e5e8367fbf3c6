import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import {
  type AnyIntegration,
  CannotConnectError,
  defineIntegrationWithMethods,
  type FindContext,
  InvalidAuthError,
  type Secret,
  type SignInMethod,
  secret,
} from '../../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../../src/oauth/index.ts'
import type { JsonObject } from '../../../src/ports/json.ts'
import type { View } from '../../../src/view.ts'
import { afterLeases, type Host, makeHost } from '../host.ts'

const REDIRECT = 'https://host.example/oauth/callback/shop'

/** A service of shops: each has a token endpoint, and accounts with sites. */
class Shops {
  readonly requests: { url: URL; body: URLSearchParams; authorization: string | null }[] = []
  sites: Record<string, string> = { s1: 'Berlin', s2: 'Paris' }
  account = 'ann'
  granted = 0
  /** Whether a grant has a refresh token. */
  renews = true
  /** The status of the API, and of its address for connections. */
  status = 200
  connectStatus = 200
  /** The areas of each site. They are loaded after the sites. */
  areas: () => Response | Promise<Response> = () => Response.json({ a1: 'North', a2: 'South' })

  fetch: typeof globalThis.fetch = async (address, init) => {
    const request = new Request(address as string, init)
    const url = new URL(request.url)
    const body = new URLSearchParams(await request.text())
    this.requests.push({ url, body, authorization: request.headers.get('authorization') })
    if (url.pathname === '/token') {
      const number = ++this.granted
      const renewal = this.renews ? { refresh_token: `refresh-token-${number}` } : {}
      const access = { access_token: `access-token-${number}`, expires_in: 3600 }
      return Response.json({ ...access, ...renewal, account: this.account })
    }
    if (url.pathname === '/revoke') return new Response('')
    if (url.pathname === '/me') return new Response('', { status: this.connectStatus })
    if (url.pathname === '/areas') return this.areas()
    return this.status === 200 ? Response.json(this.sites) : new Response('', { status: this.status })
  }

  of(path: string) {
    return this.requests.filter(({ url }) => url.pathname === path)
  }
}

interface Entered {
  readonly shop: string
  readonly app: string
  readonly key: Secret
}

const provider = oauthProvider({
  issuer: ({ shop }: Entered) => ({
    issuer: `https://${shop}`,
    authorization_endpoint: `https://${shop}/auth`,
    token_endpoint: `https://${shop}/token`,
    revocation_endpoint: `https://${shop}/revoke`,
  }),
  clientId: ({ app }) => app,
  clientSecret: ({ key }) => key.reveal(),
  keep: (reply) => ({ account: reply.account }),
})

const fields = z.object({
  shop: z.string().regex(/^[\w.]+$/),
  app: z.string(),
  key: secret(),
})

const chosen = z.string().optional()
const stored = z.object({ ...fields.shape, ...oauthTokens, site: chosen, area: chosen })

const site = async (
  { shop, accessToken }: { readonly shop?: string; readonly accessToken?: Secret },
  { fetch }: FindContext,
) => {
  const headers = { authorization: `Bearer ${accessToken?.reveal()}` }
  const answer = await fetch(`https://${shop}/sites`, { headers })
  if (answer.status === 401) throw new InvalidAuthError()
  if (!answer.ok) throw new CannotConnectError()
  return { ...((await answer.json()) as Record<string, string>) }
}

const area: typeof site = async ({ shop }, { fetch }) => {
  const answer = await fetch(`https://${shop}/areas`)
  if (!answer.ok) throw new CannotConnectError()
  return { ...((await answer.json()) as Record<string, string>) }
}

function define(change: Partial<SignInMethod<typeof fields, typeof stored>> = { select: { site } }) {
  const browser: SignInMethod<typeof fields, typeof stored> = {
    title: 'Browser',
    authorize: provider.authorizationCode(),
    fields,
    refresh: provider.refresh,
    expiresAt: provider.expiresAt,
    ...change,
  }
  return defineIntegrationWithMethods({
    domain: 'shop',
    title: 'Shop',
    stored,
    methods: { browser },
    connect: async ({ account, site: chosen, shop }, context) => {
      if (!(await context.fetch(`https://${shop}/me`)).ok) throw new CannotConnectError()
      return { client: { stored: context.stored }, uniqueId: `${account}`, title: `${shop} ${chosen}` }
    },
  })
}

interface Scene extends Host {
  readonly shops: Shops
  readonly integration: AnyIntegration
}

async function scene(options?: Parameters<typeof define>[0]): Promise<Scene> {
  const shops = new Shops()
  const integration = define(options)
  const cipher = joseCipher([new Uint8Array(32).fill(5)])
  const clock = new SimulatedClock()
  clock.set(Date.now())
  const network = { fetch: shops.fetch }
  const host = await makeHost({ integrations: [integration], cipher, clock, network })
  return Object.assign(host, { shops, integration })
}

const input = { shop: 'ann.example', app: 'my-app', key: 'the-own-secret' }

const start = (host: Host) => host.latchkey.flows.start({ domain: 'shop', source: 'user' })

/** Signs in at the service, from a view that waits for it. */
async function signIn({ latchkey }: Host, view: View): Promise<View> {
  const begun = await latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
  if (begun.browser === null) return begun.view
  const { browser } = begun
  const address = new URL((await latchkey.signIns.redirect(view.flowId, browser)) ?? '')
  const query = new URLSearchParams({ code: 'the-code', state: address.searchParams.get('state') ?? '' })
  const returned = await latchkey.signIns.finish({ domain: 'shop', query, browserOf: () => browser })
  if (returned.type !== 'moved') throw new Error(returned.code)
  return returned.view
}

const submit = (host: Host, view: View, values: JsonObject) =>
  host.latchkey.flows.submit(view.flowId, values, view)

async function linked(host: Scene): Promise<string> {
  const external = await submit(host, await start(host), input)
  const choice = await signIn(host, external)
  const end = choice.type === 'form' ? await submit(host, choice, { site: 's2' }) : choice
  expect(end).toMatchObject({ type: 'create_entry' })
  return end.entryId ?? ''
}

const storedOf = async ({ latchkey, integration }: Scene, entryId: string) =>
  latchkey.entries.use(integration, entryId, async (client) => {
    const stored = await (client as { stored(): Promise<object> }).stored()
    return Object.fromEntries(
      Object.entries(stored).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === 'object' && value !== null && 'reveal' in value
          ? (value as { reveal(): string }).reveal()
          : value,
      ]),
    )
  })

describe('a form before a sign-in', () => {
  it('decides where and as which client the user signs in, and is stored with the grant', async () => {
    const host = await scene()
    const form = await start(host)
    expect(form).toMatchObject({ type: 'form', step: 'user', order: ['shop', 'app', 'key'] })
    const refused = await submit(host, form, { ...input, shop: 'no shop' })
    expect(refused).toMatchObject({ errors: { '/shop': { code: 'invalid_format' } } })
    const external = await submit(host, refused, input)
    expect(external).toMatchObject({ type: 'external', step: 'authorize', mayGoBack: true })
    const choice = await signIn(host, external)
    const [request] = host.shops.of('/token')
    expect(request).toMatchObject({ url: new URL('https://ann.example/token') })
    expect(request?.authorization).toBe(`Basic ${btoa('my-app:the-own-secret')}`)
    expect(choice).toMatchObject({ type: 'form', step: 'user', page: 'site', order: ['site'] })
    const end = await submit(host, choice, { site: 's1' })
    expect(end).toMatchObject({ type: 'create_entry' })
    const entryId = end.entryId ?? ''
    expect(await storedOf(host, entryId)).toMatchObject({
      ...input,
      site: 's1',
      accessToken: 'access-token-1',
    })
    host.clock.increment(3_600_000)
    expect(await storedOf(host, entryId)).toMatchObject({
      ...input,
      site: 's1',
      accessToken: 'access-token-2',
    })
    expect(host.shops.of('/token')[1]?.url.host).toBe('ann.example')
    await host.latchkey.entries.remove(entryId)
    await host.pass(1_000)
    expect(host.shops.of('/revoke').map(({ url }) => url.host)).toEqual(['ann.example', 'ann.example'])
    expect(JSON.stringify(await host.latchkey.flows.list())).not.toContain('the-own-secret')
  })

  it('can be corrected from the sign-in, and survives a restart there', async () => {
    const host = await scene()
    const external = await submit(host, await start(host), { ...input, shop: 'wrong.example' })
    const form = await host.latchkey.flows.back(external.flowId, external)
    expect(form).toMatchObject({ type: 'form', values: { shop: 'wrong.example', app: 'my-app' } })
    const again = await submit(host, form, input)
    const other = await host.again()
    const choice = await signIn(other, again)
    expect(choice).toMatchObject({ type: 'form', page: 'site' })
    expect(host.shops.requests[0]?.url.host).toBe('ann.example')
  })

  it('is shown again if its input has expired, also during a sign-in', async () => {
    const host = await scene()
    const external = await submit(host, await start(host), input)
    host.clock.increment(9 * 60_000)
    await host.latchkey.flows.authorize(external.flowId, { ...external, redirectUri: REDIRECT })
    host.clock.increment(9 * 60_000)
    const waiting = await host.latchkey.flows.get(external.flowId)
    expect(waiting).toMatchObject({ type: 'external' })
    host.clock.increment(2 * 60_000)
    const refused = host.latchkey.flows.authorize(external.flowId, { ...waiting, redirectUri: REDIRECT })
    await expect(refused).rejects.toMatchObject({ code: 'STALE_REVISION' })
    const expired = await host.latchkey.flows.get(external.flowId)
    expect(expired).toMatchObject({ type: 'form', step: 'user', errors: { base: { code: 'expired' } } })
  })

  it('is not asked again by a reauthentication, which uses the stored values', async () => {
    const host = await scene()
    const entryId = await linked(host)
    const external = await host.latchkey.entries.requestReauth(entryId)
    expect(external).toMatchObject({ type: 'external', source: 'reauth' })
    expect(await signIn(host, external)).toMatchObject({ reason: 'reauth_successful' })
    expect(host.shops.of('/token')[1]?.authorization).toBe(`Basic ${btoa('my-app:the-own-secret')}`)
    expect(await storedOf(host, entryId)).toMatchObject({
      ...input,
      site: 's2',
      accessToken: 'access-token-2',
    })
  })

  it('is shown by a reauthentication if the method names its fields', async () => {
    const host = await scene({ select: { site }, reauth: ['key'] })
    const entryId = await linked(host)
    const form = await host.latchkey.entries.requestReauth(entryId)
    expect(form).toMatchObject({ type: 'form', step: 'reauth_confirm', order: ['key'] })
    const external = await submit(host, form, { key: 'another-secret' })
    expect(external).toMatchObject({ type: 'external', mayGoBack: true })
    const back = await host.latchkey.flows.back(external.flowId, external)
    expect(back).toMatchObject({ type: 'form', step: 'reauth_confirm', order: ['key'] })
    const again = await submit(host, back, { key: 'another-secret' })
    expect(await signIn(host, again)).toMatchObject({ reason: 'reauth_successful' })
    expect(await storedOf(host, entryId)).toMatchObject({ ...input, key: 'another-secret', site: 's2' })
  })

  it('keeps the refresh token that a new grant omits, but sends it to no other shop', async () => {
    const host = await scene({})
    const entryId = await linked(host)
    host.shops.renews = false
    const reconfigure = async (shop: string) => {
      const form = await host.latchkey.flows.start({ source: 'reconfigure', entryId })
      await signIn(host, await submit(host, form, { ...input, shop }))
      return storedOf(host, entryId)
    }
    const kept = { refreshToken: 'refresh-token-1', accessToken: 'access-token-2' }
    expect(await reconfigure('ann.example')).toMatchObject(kept)
    expect(await reconfigure('new.example')).not.toHaveProperty('refreshToken')
  })

  it('is shown by a reconfiguration and a replacement', async () => {
    const host = await scene({})
    const entryId = await linked(host)
    const form = await host.latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(form).toMatchObject({ type: 'form', step: 'reconfigure', values: { shop: 'ann.example' } })
    const moved = await submit(host, form, { ...input, shop: 'new.example' })
    expect(await signIn(host, moved)).toMatchObject({ reason: 'reconfigure_successful' })
    expect(await storedOf(host, entryId)).toMatchObject({ shop: 'new.example' })
    const replacing = await host.latchkey.flows.start({ source: 'replace', entryId })
    expect(replacing).toMatchObject({ type: 'form', step: 'replace', values: {} })
    host.shops.account = 'bob'
    const confirm = await signIn(host, await submit(host, replacing, { ...input, shop: 'bob.example' }))
    expect(confirm).toMatchObject({ type: 'menu', step: 'replace_confirm' })
    const end = await host.latchkey.flows.choose(confirm.flowId, 'replace', confirm)
    expect(end).toMatchObject({ reason: 'replace_successful' })
    expect(await storedOf(host, entryId)).toMatchObject({ shop: 'bob.example', account: 'bob' })
  })
})

describe('a choice after a sign-in', () => {
  it('is taken without asking if there is only one', async () => {
    const host = await scene()
    host.shops.sites = { s9: 'Rome' }
    const end = await signIn(host, await submit(host, await start(host), input))
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await storedOf(host, end.entryId ?? '')).toMatchObject({ site: 's9' })
  })

  it('that was taken without asking is taken again if the account could not be reached', async () => {
    const host = await scene()
    Object.assign(host.shops, { sites: { s9: 'Rome' }, connectStatus: 503 })
    const failed = await signIn(host, await submit(host, await start(host), input))
    expect(failed).toMatchObject({ type: 'external', errors: { base: { code: 'cannot_connect' } } })
    host.shops.connectStatus = 200
    const end = await signIn(host, failed)
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(await storedOf(host, end.entryId ?? '')).toMatchObject({ site: 's9' })
    expect(host.shops.of('/token')).toHaveLength(1)
  })

  it('that was taken without asking is not shown if the next one fails, or if the user goes back', async () => {
    const host = await scene({ select: { site, area } })
    host.shops.sites = { s9: 'Rome' }
    const { areas } = host.shops
    host.shops.areas = () => new Response('', { status: 503 })
    const failed = await signIn(host, await submit(host, await start(host), input))
    expect(failed).toMatchObject({ type: 'external', errors: { base: { code: 'cannot_connect' } } })
    host.shops.areas = areas
    const second = await signIn(host, failed)
    expect(second).toMatchObject({ type: 'form', page: 'area' })
    const external = await host.latchkey.flows.back(second.flowId, second)
    expect(external).toMatchObject({ type: 'external', step: 'authorize' })
    await host.pass(0)
    expect(host.shops.of('/revoke')).toHaveLength(2)
    const end = await submit(host, await signIn(host, external), { area: 'a2' })
    expect(await storedOf(host, end.entryId ?? '')).toMatchObject({ site: 's9', area: 'a2' })
  })

  it('revokes the grant if the flow is cancelled while it loads', async () => {
    const host = await scene({ select: { area } })
    const asked = Promise.withResolvers<void>()
    host.shops.areas = () => {
      asked.resolve()
      return new Promise(() => {})
    }
    const external = await submit(host, await start(host), input)
    const signedIn = signIn(host, external)
    await asked.promise
    await host.latchkey.flows.cancel(external.flowId)
    expect(await signedIn).toMatchObject({ type: 'abort', reason: 'cancelled' })
    await host.pass(0)
    expect(host.shops.of('/revoke')).toHaveLength(2)
  })

  it('redeems no code twice if a process dies while it loads', async () => {
    const host = await scene({ select: { area } })
    const { flows, signIns } = host.latchkey
    const { areas } = host.shops
    const asked = Promise.withResolvers<void>()
    host.shops.areas = () => {
      asked.resolve()
      return new Promise(() => {})
    }
    const { flowId, revision } = await submit(host, await start(host), input)
    const { browser } = await flows.authorize(flowId, { revision, redirectUri: REDIRECT })
    const query = new URL((await signIns.redirect(flowId, browser ?? '')) ?? '').searchParams
    query.set('code', 'the-code')
    const callback = { domain: 'shop', query, browserOf: () => browser }
    void signIns.finish(callback)
    await asked.promise
    host.shops.areas = areas
    const next = await afterLeases(host)
    const late = await next.latchkey.signIns.finish(callback)
    expect(late).toMatchObject({ type: 'ignored', code: 'authorize_expired' })
    expect(host.shops.of('/token')).toHaveLength(1)
    const view = await next.latchkey.flows.get(flowId)
    expect(view).toMatchObject({ type: 'external', step: 'authorize', mayGoBack: true })
    const end = await submit(next, await signIn(next, view), { area: 'a1' })
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(host.shops.of('/token')).toHaveLength(2)
  })

  it('accepts only a value that was offered, and waits across a restart', async () => {
    const host = await scene()
    const choice = await signIn(host, await submit(host, await start(host), input))
    const schema = 'schema' in choice ? choice.schema.properties.site : null
    expect(schema).toMatchObject({
      oneOf: [
        { const: 's1', title: 'Berlin' },
        { const: 's2', title: 'Paris' },
      ],
    })
    const refused = await submit(host, choice, { site: 'made up' })
    expect(refused).toMatchObject({ errors: { '/site': { code: 'invalid_value' } } })
    const other = await host.again()
    const end = await submit(other, refused, { site: 's2' })
    expect(end).toMatchObject({ type: 'create_entry' })
  })

  it('is shown again by a reauthentication if the service no longer offers the stored one', async () => {
    const host = await scene()
    const entryId = await linked(host)
    host.shops.sites = { s1: 'Berlin', s3: 'Oslo' }
    const choice = await signIn(host, await host.latchkey.entries.requestReauth(entryId))
    expect(choice).toMatchObject({ type: 'form', step: 'reauth_confirm', order: ['site'] })
    expect(await submit(host, choice, { site: 's3' })).toMatchObject({ reason: 'reauth_successful' })
    expect(await storedOf(host, entryId)).toMatchObject({ site: 's3', accessToken: 'access-token-2' })
  })

  it('returns to the sign-in if the service cannot list it, and uses the grant again', async () => {
    const host = await scene()
    host.shops.status = 503
    const failed = await signIn(host, await submit(host, await start(host), input))
    expect(failed).toMatchObject({ type: 'external', errors: { base: { code: 'cannot_connect' } } })
    host.shops.status = 200
    const choice = await signIn(host, failed)
    expect(choice).toMatchObject({ type: 'form', page: 'site' })
    expect(host.shops.of('/token')).toHaveLength(1)
  })

  it.each<[string, object, string]>([
    ['offers none', { sites: {} }, 'no_options'],
    ['refuses the token', { status: 401 }, 'invalid_auth'],
  ])('returns to the sign-in and revokes the grant if the service %s', async (_, change, code) => {
    const host = await scene()
    Object.assign(host.shops, change)
    const failed = await signIn(host, await submit(host, await start(host), input))
    expect(failed).toMatchObject({ type: 'external', errors: { base: { code } } })
    await host.pass(0)
    expect(host.shops.of('/revoke')).toHaveLength(2)
    Object.assign(host.shops, { sites: { s1: 'Berlin' }, status: 200 })
    expect(await signIn(host, failed)).toMatchObject({ type: 'create_entry' })
  })

  it.each<[string, (host: Host, view: View) => Promise<unknown>]>([
    ['the flow is cancelled', (host, view) => host.latchkey.flows.cancel(view.flowId)],
    ['the user goes back', (host, view) => host.latchkey.flows.back(view.flowId, view)],
  ])('revokes the grant if %s, also after a restart', async (_, act) => {
    const host = await scene()
    const choice = await signIn(host, await submit(host, await start(host), input))
    await act(await host.again(), choice)
    await host.pass(0)
    expect(host.shops.of('/revoke').map(({ body }) => body.get('token'))).toEqual([
      'refresh-token-1',
      'access-token-1',
    ])
  })

  it('can be cancelled if the grant cannot be decrypted', async () => {
    const host = await scene()
    const choice = await signIn(host, await submit(host, await start(host), input))
    const other = await host.again({ cipher: joseCipher([new Uint8Array(32).fill(6)]) })
    expect(await other.latchkey.flows.cancel(choice.flowId)).toMatchObject({ reason: 'cancelled' })
    await host.pass(0)
    expect(host.shops.of('/revoke')).toEqual([])
  })

  it('shows the first form again, and revokes the grant, after it has expired', async () => {
    const host = await scene()
    const choice = await signIn(host, await submit(host, await start(host), input))
    host.clock.increment(11 * 60_000)
    const late = submit(host, choice, { site: 's1' })
    await expect(late).rejects.toMatchObject({ code: 'STALE_REVISION' })
    const form = await host.latchkey.flows.get(choice.flowId)
    expect(form).toMatchObject({
      type: 'form',
      order: ['shop', 'app', 'key'],
      errors: { base: { code: 'expired' } },
    })
    await host.pass(0)
    expect(host.shops.of('/revoke')).toHaveLength(2)
  })

  it('ends with another account, as a sign-in without a choice does', async () => {
    const host = await scene()
    const entryId = await linked(host)
    host.shops.account = 'bob'
    const end = await signIn(host, await host.latchkey.entries.requestReauth(entryId))
    expect(end).toMatchObject({ type: 'abort', reason: 'wrong_account' })
    expect(await storedOf(host, entryId)).toMatchObject({ account: 'ann', accessToken: 'access-token-1' })
  })
})

describe('a method without a refresh, next to one with a refresh', () => {
  it('uses its credential until the service refuses it, and then asks for another', async () => {
    let isDead = false
    const integration = defineIntegrationWithMethods({
      domain: 'shop',
      title: 'Shop',
      stored: z.object({ ...oauthTokens, shop: z.string().optional() }),
      methods: {
        key: {
          title: 'Key',
          fields: z.object({ accessToken: secret() }),
          exchange: async ({ accessToken }: { accessToken: Secret }) => ({
            accessToken: accessToken.reveal(),
          }),
        },
        browser: {
          title: 'Browser',
          authorize: oauthProvider({ issuer: 'https://a.example', clientId: 'me' }).authorizationCode(),
          refresh: provider.refresh,
          expiresAt: provider.expiresAt,
        },
      },
      connect: async () => {
        const call = async () => {
          if (isDead) throw new InvalidAuthError()
          return 'answered'
        }
        await call()
        return { client: call, uniqueId: 'ann' }
      },
    })
    const host = await makeHost({ integrations: [integration] })
    const menu = await start(host)
    const form = await host.latchkey.flows.choose(menu.flowId, 'key', menu)
    const { entryId } = await submit(host, form, { accessToken: 'the-key' })
    const use = () => host.latchkey.entries.use(integration, entryId ?? '', (client) => client())
    expect(await use()).toBe('answered')
    isDead = true
    await expect(use()).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
    const items = await host.latchkey.attention.list()
    expect(items).toMatchObject([{ entryId, reason: 'invalid_auth' }])
  })
})

describe('an integration with a form around its sign-in', () => {
  const made = (method: object, stored: z.ZodObject = z.object(oauthTokens)) =>
    makeHost({
      integrations: [
        defineIntegrationWithMethods({
          domain: 'shop',
          title: 'Shop',
          stored,
          methods: { browser: { title: 'Browser', authorize: provider.authorizationCode(), ...method } },
          connect: async () => ({ client: {}, uniqueId: null }),
        }),
      ],
    })

  it.each<[object, string]>([
    [{ fields: z.object({ shop: z.string() }) }, 'does not ask for "shop", which is not stored either'],
    [{ select: { site: async () => ({}) } }, 'select names "site", which is not a stored field.'],
    [{ select: { account: { a: 'A' } } }, 'select names "account", which has no function.'],
    [
      { fields: z.object({ account: z.string() }), select: { account: async () => ({}) } },
      'select names "account", which is entered before the sign-in.',
    ],
  ])('is checked at start: %#', async (method, message) => {
    await expect(made(method)).rejects.toThrow(message)
  })

  it('names the stored field that a grant lacks, and writes nothing', async () => {
    const shops = new Shops()
    const integration = defineIntegrationWithMethods({
      domain: 'shop',
      title: 'Shop',
      stored: z.object({ ...oauthTokens, realm: z.string() }),
      methods: {
        browser: {
          title: 'Browser',
          authorize: oauthProvider({
            issuer: {
              issuer: 'https://a.example',
              authorization_endpoint: 'https://a.example/auth',
              token_endpoint: 'https://a.example/token',
            },
            clientId: 'me',
          }).authorizationCode(),
        },
      },
      connect: async () => ({ client: {}, uniqueId: null }),
    })
    const host = await makeHost({ integrations: [integration], network: { fetch: shops.fetch } })
    const view = await signIn(host, await start(host))
    expect(view).toMatchObject({ type: 'external', errors: { base: { code: 'authorize_failed' } } })
    expect(host.log.lines.map(({ fields: { error } }) => error?.message)).toEqual([
      'The sign-in returned values that do not match the stored fields of the integration. Invalid: /realm.',
    ])
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })
})
