import { describe, expect, it } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader, exportPKCS8, generateKeyPair } from 'jose'
import * as z from 'zod'
import {
  CannotConnectError,
  createLatchkey,
  defineIntegrationWithMethods,
  memoryStore,
} from '../../src/index.ts'
import { type OAuthProviderOptions, oauthProvider, oauthTokens } from '../../src/oauth/index.ts'
import type { Granted, Reach } from '../../src/ports/authorizer.ts'
import type { JsonObject } from '../../src/ports/json.ts'

const AS = 'https://login.example'
const metadata = {
  issuer: AS,
  authorization_endpoint: `${AS}/auth`,
  token_endpoint: `${AS}/token`,
  device_authorization_endpoint: `${AS}/device`,
  revocation_endpoint: `${AS}/revoke`,
}
const request = {
  redirectUri: 'https://host.example/oauth/callback/account',
  state: 'the-state',
  nonce: 'the-nonce',
  verifier: 'v'.repeat(43),
}
const TOKEN = { access_token: 'the-access-token', token_type: 'bearer' }

/** The answer of a service to a request, by its path. */
type Answer = Response | object | string | undefined

/** A service that answers as it likes, and the requests to it. */
class Service {
  readonly requests: { url: string; method: string; headers: Headers; body: string }[] = []
  readonly reach: Reach

  constructor(answer: (path: string, host: string) => Answer = () => TOKEN) {
    this.reach = {
      signal: new AbortController().signal,
      fetch: async (url, init) => {
        const asked = new Request(url as string, init)
        const { pathname, host } = new URL(asked.url)
        this.requests.push({ ...pick(asked), body: await asked.text() })
        const found = answer(pathname, host)
        if (found instanceof Response) return found
        const text = typeof found === 'object' ? JSON.stringify(found) : (found ?? '')
        return new Response(text, { headers: { 'content-type': 'application/json' } })
      },
    }
  }

  /** The parameters of the last request. */
  get sent(): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(this.requests.at(-1)?.body))
  }
}

const pick = ({ url, method, headers }: Request) => ({ url, method, headers })

const provider = (options: Partial<OAuthProviderOptions> = {}) =>
  oauthProvider({ issuer: metadata, clientId: 'my-app', clientSecret: 's3-cret', ...options })

const redeem = async (
  service: Service,
  options: Partial<OAuthProviderOptions> = {},
  parameters = 'code=c&state=the-state',
): Promise<Granted> =>
  provider(options)
    .authorizationCode()
    .finish(new URL(`${request.redirectUri}?${parameters}`), request, service.reach)

const refresh = (service: Service, options: Partial<OAuthProviderOptions> = {}) => {
  const stored = z.object(oauthTokens).parse({ accessToken: 'a', refreshToken: 'the-refresh-token' })
  return provider(options).refresh(stored, service.reach)
}

const parametersOf = async (options: Partial<OAuthProviderOptions>) => {
  const { reach } = new Service()
  const url = await provider(options).authorizationCode().begin(request, null, reach)
  return Object.fromEntries(new URL(url).searchParams)
}

describe('the authentication at the token endpoint', () => {
  const basic = `Basic ${btoa('my-app:s3-cret')}`

  it.each<[string, Partial<OAuthProviderOptions>, string | null, string | undefined]>([
    ['is HTTP Basic without metadata', {}, basic, undefined],
    [
      'is in the body if the metadata lists that',
      {
        issuer: {
          ...metadata,
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        },
      },
      null,
      's3-cret',
    ],
    [
      'is HTTP Basic if the metadata lists only that',
      { issuer: { ...metadata, token_endpoint_auth_methods_supported: ['client_secret_basic'] } },
      basic,
      undefined,
    ],
    ['is in the body if requested', { tokenEndpointAuthMethod: 'client_secret_post' }, null, 's3-cret'],
    ['is absent if requested', { tokenEndpointAuthMethod: 'none' }, null, undefined],
  ])('%s', async (_, options, header, secret) => {
    const service = new Service()
    await redeem(service, options)
    expect(service.requests[0]?.headers.get('authorization')).toBe(header)
    expect(service.sent.client_secret).toBe(secret)
  })

  it('is absent without a secret', async () => {
    const service = new Service()
    const oauth = oauthProvider({ issuer: metadata, clientId: 'my-app' })
    const stored = z.object(oauthTokens).parse({ accessToken: 'a', refreshToken: 'r' })
    await oauth.refresh(stored, service.reach)
    expect(service.requests[0]?.headers.get('authorization')).toBeNull()
    expect(service.sent).toEqual({ client_id: 'my-app', grant_type: 'refresh_token', refresh_token: 'r' })
  })

  it.each(['RS256', 'ES256', 'EdDSA'])('is an assertion that a private key signs: %s', async (algorithm) => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const service = new Service()
    const key = { privateKey: await exportPKCS8(privateKey), privateKeyId: 'key-1' }
    const oauth = oauthProvider({ issuer: metadata, clientId: 'my-app', ...key })
    const stored = z.object(oauthTokens).parse({ accessToken: 'a', refreshToken: 'r' })
    await oauth.refresh(stored, service.reach)
    const { client_assertion: assertion = '', client_assertion_type: type } = service.sent
    expect(type).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    expect(decodeJwt(assertion)).toMatchObject({ iss: 'my-app', sub: 'my-app', aud: AS })
    expect(decodeProtectedHeader(assertion).kid).toBe('key-1')
  })

  it('fails if the private key cannot be read', async () => {
    const privateKey = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'
    await expect(refresh(new Service(), { privateKey })).rejects.toMatchObject({
      code: 'setup_error',
      message: 'The private key of the OAuth client cannot be read. Use RSA, ECDSA or Ed25519.',
    })
  })

  it.each<[Partial<OAuthProviderOptions>, string]>([
    [{ privateKey: 'secret words' }, 'Invalid privateKey'],
    [{ tokenEndpointAuthMethod: 'private_key_jwt' }, 'oauthProvider needs a privateKey for private_key_jwt.'],
  ])('is checked at once: %j', (options, message) => {
    expect(() => provider(options)).toThrow(message)
    expect(() => provider(options)).not.toThrow('secret words')
  })

  it('needs a secret for HTTP Basic', () => {
    const made = () =>
      oauthProvider({ issuer: metadata, clientId: 'a', tokenEndpointAuthMethod: 'client_secret_basic' })
    expect(made).toThrow('oauthProvider needs a clientSecret for client_secret_basic.')
  })
})

describe('an authorization request', () => {
  it('has no scope unless one is requested', async () => {
    expect(await parametersOf({})).not.toHaveProperty('scope')
    expect(await parametersOf({ scope: [] })).not.toHaveProperty('scope')
  })

  it('joins a list of scopes', async () => {
    expect(await parametersOf({ scope: ['read', 'write'] })).toMatchObject({ scope: 'read write' })
    const commas = await parametersOf({ scope: ['read', 'write'], scopeSeparator: ',' })
    expect(commas).toMatchObject({ scope: 'read,write' })
  })

  it.each([[['openid', 'email']], ['openid email'], ['email,openid']])(
    'has a nonce for OpenID Connect: %j',
    async (scope) => {
      expect(await parametersOf({ scope })).toHaveProperty('nonce')
    },
  )

  it('asks for the answer in a form', async () => {
    expect(await parametersOf({ responseMode: 'form_post' })).toMatchObject({ response_mode: 'form_post' })
    expect(await parametersOf({})).not.toHaveProperty('response_mode')
  })

  it('has no PKCE if the service refuses it', async () => {
    expect(await parametersOf({ pkce: false })).not.toHaveProperty('code_challenge')
    const service = new Service()
    await redeem(service, { pkce: false })
    expect(service.sent).not.toHaveProperty('code_verifier')
  })
})

describe('a token request', () => {
  it('has the parameters of its type', async () => {
    const service = new Service()
    await redeem(service, { tokenParameters: { audience: 'api' } })
    expect(service.sent).toMatchObject({ grant_type: 'authorization_code', audience: 'api' })
    await refresh(service, { refreshParameters: { resource: 'r' }, tokenParameters: { audience: 'api' } })
    expect(service.sent).toMatchObject({ grant_type: 'refresh_token', resource: 'r' })
    expect(service.sent).not.toHaveProperty('audience')
  })

  it('is JSON if the service expects it', async () => {
    const service = new Service()
    await redeem(service, { tokenRequestFormat: 'json' })
    expect(service.requests[0]?.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject({
      code: 'c',
      code_verifier: 'v'.repeat(43),
    })
  })

  it('goes to another address for a refresh', async () => {
    const service = new Service()
    await refresh(service, { refreshEndpoint: `${AS}/refresh` })
    expect(service.requests[0]?.url).toBe(`${AS}/refresh`)
  })
})

describe('a reply with a token', () => {
  const form = 'access_token=the-access-token&scope=read%2Cwrite&token_type=bearer&expires_in=60\n'

  it.each<[string, Answer]>([
    ['with status 201', new Response(JSON.stringify(TOKEN), { status: 201 })],
    ['as a form', form],
    ['with a type of the service', { ...TOKEN, token_type: 'user' }],
    ['with a type that is not a text', { ...TOKEN, token_type: 1 }],
    ['with scopes as a list', { ...TOKEN, scope: ['read', 1] }],
    ['with scopes as an object', { ...TOKEN, scope: { read: true } }],
    ['with a lifetime as text', { ...TOKEN, expires_in: '3600' }],
    ['with an unreadable lifetime', { ...TOKEN, expires_in: 'never' }],
    ['with a negative lifetime', { ...TOKEN, expires_in: -1 }],
    ['with a lifetime of true', { ...TOKEN, expires_in: true }],
    ['with a refresh token of false', { ...TOKEN, refresh_token: false }],
    ['with empty members', { ...TOKEN, refresh_token: '', id_token: '', scope: null }],
    ['with an ID token that is not a text', { ...TOKEN, id_token: {} }],
  ])('is accepted %s', async (_, reply) => {
    expect(await redeem(new Service(() => reply))).toMatchObject({
      type: 'granted',
      values: { accessToken: 'the-access-token' },
    })
  })

  it('is refused with a DPoP token that was not requested', async () => {
    const service = new Service(() => ({ ...TOKEN, token_type: 'DPoP' }))
    await expect(redeem(service)).rejects.toMatchObject({ code: 'setup_error' })
  })

  it.each<[string, JsonObject]>([
    ['authed_user', { ok: true, authed_user: { id: 'U1', access_token: 'the-user-token' } }],
    ['data', { message: 'success', data: { access_token: 'the-user-token', expires_in: 60 } }],
  ])('is found where the service puts it: %s', async (member, reply) => {
    const tokens = (body: JsonObject) => body[member] as JsonObject
    const options = { tokens }
    expect(await redeem(new Service(() => reply), options)).toMatchObject({
      values: { accessToken: 'the-user-token' },
    })
    expect(await refresh(new Service(() => reply), options)).toMatchObject({ accessToken: 'the-user-token' })
  })

  it('is a refusal without a token', async () => {
    const service = new Service(() => ({ ok: false, authed_user: {} }))
    const refused = redeem(service, { tokens: (reply) => reply.authed_user as JsonObject })
    await expect(refused).rejects.toMatchObject({ code: 'setup_error' })
  })

  it('has more values to keep, also from the callback', async () => {
    const reply = { ...TOKEN, instance_url: 'https://eu1.example', nothing: null }
    const keep = (body: JsonObject, callback: URL) => ({
      instanceUrl: body.instance_url,
      nothing: body.nothing,
      realm: callback.searchParams.get('realmId'),
      accessToken: 'another',
    })
    const granted = await redeem(new Service(() => reply), { keep }, 'code=c&state=the-state&realmId=7')
    const kept = { accessToken: 'the-access-token', instanceUrl: 'https://eu1.example', tokensOf: AS }
    expect(granted).toEqual({ type: 'granted', values: { ...kept, realm: '7' } })
    expect(await refresh(new Service(() => reply), { keep })).toEqual(kept)
  })

  it('has the account that `identify` returns', async () => {
    const identify: OAuthProviderOptions['identify'] = async (accessToken, { fetch }) => {
      await fetch(`${AS}/me`, { headers: { authorization: `Bearer ${accessToken.reveal()}` } })
      return { account: 'ann#1', login: 'ann' }
    }
    const service = new Service()
    expect(await redeem(service, { identify })).toMatchObject({ values: { account: 'ann#1', login: 'ann' } })
    expect(service.requests[1]?.headers.get('authorization')).toBe('Bearer the-access-token')
  })
})

describe('an issuer that the host has changed', () => {
  const issuer = {
    ...metadata,
    issuer: 'https://evil.example',
    token_endpoint: 'https://evil.example/token',
    revocation_endpoint: 'https://evil.example/revoke',
  }
  const values = { accessToken: 'at', refreshToken: 'rt', tokensOf: AS }

  it('asks for a new sign-in, and its server receives no token', async () => {
    const service = new Service()
    const moved = provider({ issuer })
    const stored = z.object(oauthTokens).parse(values)
    await expect(moved.refresh(stored, service.reach)).rejects.toMatchObject({
      code: 'invalid_auth',
      message: 'Another server has granted the tokens of the entry. Sign in again.',
    })
    const revoke = async (_: unknown, { fetch }: Reach) => void (await fetch('https://evil.example/revoke'))
    for (const options of [{ issuer }, { issuer, revoke }]) {
      const revoking = provider(options).authorizationCode().revoke?.(values, service.reach)
      await expect(revoking).rejects.toMatchObject({ code: 'invalid_auth' })
    }
    expect(service.requests).toEqual([])
  })

  it('still refreshes if only its endpoints have moved, and for entries of earlier versions', async () => {
    const stored = z.object(oauthTokens).parse(values)
    const endpoints = { ...issuer, issuer: `${AS}/v2` }
    const service = new Service()
    expect(await provider({ issuer: endpoints }).refresh(stored, service.reach)).toMatchObject({
      accessToken: 'the-access-token',
    })
    expect(service.requests[0]?.url).toBe('https://evil.example/token')
    expect(await refresh(new Service(), { issuer })).toMatchObject({ tokensOf: 'https://evil.example' })
  })
})

describe('a function of the options that fails', () => {
  const thrown = () => {
    throw new TypeError('no member in the-access-token')
  }

  it.each<[string, Partial<OAuthProviderOptions>, string]>([
    ['tokens', { tokens: thrown }, 'tokens of the OAuth provider failed. TypeError: no member in …'],
    ['keep', { keep: thrown }, 'keep of the OAuth provider failed. TypeError: no member in …'],
    [
      'identify',
      { identify: async () => thrown() },
      'identify of the OAuth provider failed. TypeError: no member in …',
    ],
    [
      'verifyCallback',
      {
        verifyCallback: (_callback, clientSecret) => {
          throw new TypeError(`no member in ${clientSecret}`)
        },
      },
      'verifyCallback of the OAuth provider failed. TypeError: no member in …',
    ],
    [
      'verifyCallback that returns a text',
      { verifyCallback: () => 'yes' as unknown as boolean },
      'The service has not signed the callback. Sign in again.',
    ],
    [
      'identify that returns no account',
      { identify: async () => ({ account: '' }) },
      'identify of the OAuth provider returned no account.',
    ],
    [
      'tokens that returns a list',
      { tokens: () => [] as unknown as JsonObject },
      'tokens of the OAuth provider did not return an object.',
    ],
    [
      'keep that throws a text',
      {
        keep: () => {
          throw 'oops'
        },
      },
      'keep of the OAuth provider failed. a string was thrown',
    ],
  ])('is a setup error: %s', async (_, options, message) => {
    await expect(redeem(new Service(), options)).rejects.toMatchObject({ code: 'setup_error', message })
  })

  it('passes errors of Latchkey on', async () => {
    const identify = () => Promise.reject(new CannotConnectError())
    await expect(redeem(new Service(), { identify })).rejects.toMatchObject({ code: 'cannot_connect' })
  })

  it.each<[string, () => boolean, string]>([
    ['throws', thrown, 'isDead of the OAuth provider failed. TypeError: no member in the-access-token'],
    [
      'returns a promise',
      (() => Promise.resolve(true)) as unknown as () => boolean,
      'isDead of the OAuth provider returned no boolean.',
    ],
  ])('does not hide a refusal that is clear: isDead %s', async (_, isDead, message) => {
    const answering = (body: object) => new Service(() => new Response(JSON.stringify(body), { status: 400 }))
    const unclear = refresh(answering({ error: 'odd' }), { isDead })
    await expect(unclear).rejects.toMatchObject({ code: 'setup_error', message })
    const clear = refresh(answering({ error: 'invalid_grant' }), { isDead })
    await expect(clear).rejects.toMatchObject({ code: 'invalid_auth' })
  })
})

describe('a device code', () => {
  it.each<[string, Answer]>([
    [
      'with an older name of its address',
      { verification_url: `${AS}/code`, expires_in: '600', interval: '7' },
    ],
    ['as a form', `verification_uri=${encodeURIComponent(`${AS}/code`)}&expires_in=600&interval=7`],
  ])('is accepted %s', async (_, part) => {
    const named = { device_code: 'dc', user_code: 'AB-12' }
    const answer = typeof part === 'string' ? `device_code=dc&user_code=AB-12&${part}` : { ...named, ...part }
    const code = await provider()
      .deviceCode()
      .begin(new Service(() => answer).reach)
    expect(code).toEqual({
      deviceCode: 'dc',
      userCode: 'AB-12',
      verificationUri: `${AS}/code`,
      interval: 7_000,
      lifetime: 600_000,
    })
  })

  it('has defaults for its lifetime and interval', async () => {
    const answer = { device_code: 'dc', user_code: 'AB', verification_uri: `${AS}/code`, interval: null }
    const code = await provider({ scope: 'read' })
      .deviceCode()
      .begin(new Service(() => answer).reach)
    expect(code).toMatchObject({ interval: 5_000, lifetime: 300_000 })
  })

  it.each<[string, Answer, string]>([
    ['with status 200 (GitHub)', { error: 'authorization_pending' }, 'pending'],
    ['in the standard form', new Response('{"error":"slow_down"}', { status: 400 }), 'slow_down'],
    [
      'with status 428 (Google)',
      new Response('{"error":"authorization_pending"}', { status: 428 }),
      'pending',
    ],
    ['by a user who declines (Microsoft)', { error: 'authorization_declined' }, 'rejected'],
    ['by a user who declines', { error: 'access_denied' }, 'rejected'],
    ['with an expired code', { error: 'expired_token' }, 'expired'],
  ])('is answered %s', async (_, answer, type) => {
    expect(
      await provider()
        .deviceCode()
        .poll('dc', new Service(() => answer).reach),
    ).toEqual({ type })
  })
})

describe('the revocation of a grant', () => {
  const values = { accessToken: 'at', refreshToken: 'rt', team: 'T1' }

  it('follows RFC 7009', async () => {
    const service = new Service()
    await provider().authorizationCode().revoke?.(values, service.reach)
    expect(service.requests.map(({ url }) => url)).toEqual([`${AS}/revoke`, `${AS}/revoke`])
  })

  it('is omitted if requested', () => {
    expect(provider({ revoke: false }).authorizationCode().revoke).toBeUndefined()
    expect(provider({ revoke: false }).deviceCode().revoke).toBeUndefined()
  })

  it('is what the service wants', async () => {
    const service = new Service()
    const revoke: OAuthProviderOptions['revoke'] = async ({ accessToken, refreshToken, team }, { fetch }) => {
      await fetch(`${AS}/apps/${String(team)}`, {
        method: 'DELETE',
        body: `${accessToken.reveal()} ${refreshToken?.reveal()}`,
      })
    }
    await provider({ revoke }).authorizationCode().revoke?.(values, service.reach)
    expect(service.requests).toMatchObject([{ url: `${AS}/apps/T1`, method: 'DELETE', body: 'at rt' }])
    await provider({ revoke }).authorizationCode().revoke?.({ accessToken: 'at' }, service.reach)
    expect(service.requests[1]?.body).toBe('at undefined')
  })

  it('reports an error without the tokens', async () => {
    const revoke = () => Promise.reject(new Error('refused the-long-token'))
    const revoking = provider({ revoke })
      .authorizationCode()
      .revoke?.({ accessToken: 'the-long-token' }, new Service().reach)
    await expect(revoking).rejects.toMatchObject({
      code: 'setup_error',
      message: expect.stringContaining('…'),
    })
  })
})

describe('a server whose address the user enters', () => {
  const shop = (change: Partial<OAuthProviderOptions<{ shop: string }>> = {}) =>
    oauthProvider({
      issuer: ({ shop: name }: { shop: string }) => ({
        issuer: `https://${name}`,
        authorization_endpoint: `https://${name}/admin/oauth/authorize`,
        token_endpoint: `https://${name}/admin/oauth/access_token`,
        revocation_endpoint: `https://${name}/revoke`,
      }),
      clientId: 'my-app',
      clientSecret: 's3-cret',
      allowedHosts: ['*.MyShopify.com', '127.0.0.1:4711'],
      ...change,
    })
  const callback = new URL(`${request.redirectUri}?code=c&state=the-state`)
  const at = (name: string, service: Service) => ({ ...service.reach, fields: { shop: name } })

  it('is contacted with the values of the form', async () => {
    const service = new Service()
    const code = shop().authorizationCode()
    expect(code.host).toBeUndefined()
    const address = await code.begin(request, null, at('ann.myshopify.com', service))
    expect(address).toMatch(/^https:\/\/ann\.myshopify\.com\/admin\/oauth\/authorize\?/)
    await code.finish(callback, request, at('ann.myshopify.com', service))
    const stored = {
      ...z.object(oauthTokens).parse({ accessToken: 'a', refreshToken: 'r' }),
      shop: 'bob.myshopify.com',
    }
    await shop().refresh(stored, service.reach)
    expect(service.requests.map(({ url }) => new URL(url).host)).toEqual([
      'ann.myshopify.com',
      'bob.myshopify.com',
    ])
  })

  it.each([
    'evil.example',
    'myshopify.com',
    'evilmyshopify.com',
    'ann.myshopify.com.evil.example',
    'ann.myshopify.com:8443',
    '127.0.0.1',
  ])('receives no secret of the host unless it is allowed: %s', async (name) => {
    const service = new Service()
    const code = shop().authorizationCode()
    await expect(code.finish(callback, request, at(name, service))).rejects.toMatchObject({
      code: 'setup_error',
      message: `The OAuth server ${name} is not one of the allowed hosts.`,
    })
    expect(service.requests).toEqual([])
  })

  const linking = (oauth: ReturnType<typeof oauthProvider>) =>
    createLatchkey({
      store: memoryStore(),
      integrations: [
        defineIntegrationWithMethods({
          domain: 'shop',
          title: 'Shop',
          stored: z.object(oauthTokens),
          methods: { browser: { title: 'Browser', authorize: oauth.authorizationCode() } },
          connect: async () => ({ client: {}, uniqueId: null }),
        }),
      ],
    })

  it.each<[string, Partial<OAuthProviderOptions<{ shop: string }>>]>([
    ['a secret', { allowedHosts: [] }],
    ['a secret that a function returns', { allowedHosts: [], clientSecret: () => 's3-cret' }],
  ])('is refused without a list of hosts for %s of the host', async (_, change) => {
    await expect(linking(shop(change))).rejects.toThrow(
      'List the servers that receive the secret in allowedHosts.',
    )
  })

  it('needs no list if the user enters the secret as well', async () => {
    const secretOf = (fields: object) => String((fields as { secret: string }).secret)
    const latchkey = await linking(shop({ allowedHosts: [], clientSecret: secretOf }))
    await latchkey.stop()
  })

  it.each(['*', '*.com', 'https://ann.example', 'a b'])('has valid patterns: %s', (pattern) => {
    expect(() => shop({ allowedHosts: [pattern] })).toThrow(
      `Invalid host ${JSON.stringify(pattern)} in allowedHosts.`,
    )
  })
})

describe('Microsoft Entra with several tenants', () => {
  const tokenOf = (claims: object) =>
    `${btoa('{"alg":"RS256"}')}.${btoa(JSON.stringify(claims))}.c2ln`.replaceAll('=', '')
  const now = Math.floor(Date.now() / 1000)
  const signIn = async (base: string, tenant: string, claims: object) => {
    const service = new Service((path) =>
      path.endsWith('/openid-configuration')
        ? {
            ...metadata,
            issuer: `${base}/{tenantid}/v2.0`,
            token_endpoint: `${base}/${tenant}/token`,
          }
        : {
            ...TOKEN,
            id_token: tokenOf({
              aud: 'my-app',
              sub: 'ann',
              iat: now,
              exp: now + 60,
              nonce: 'the-nonce',
              ...claims,
            }),
          },
    )
    const options = { issuer: `${base}/${tenant}/v2.0`, scope: 'openid' }
    return { service, granted: await redeem(service, options).catch(({ code }: { code: string }) => code) }
  }

  it.each([
    ['https://login.microsoftonline.com', 'common'],
    ['https://login.microsoftonline.us', 'organizations'],
    ['http://127.0.0.1:4711', 'common'],
  ])('accepts the issuer of the tenant: %s/%s', async (base, tenant) => {
    const iss = `${base}/t-1/v2.0`
    const { granted, service } = await signIn(base, tenant, { tid: 't-1', iss })
    expect(granted).toMatchObject({ values: { account: `${iss}#ann` } })
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it.each([
    ['another issuer', { tid: 't-1', iss: 'https://login.microsoftonline.com/t-2/v2.0' }],
    ['no tenant', { iss: 'https://login.microsoftonline.com/t-1/v2.0' }],
    ['a tenant that is a path', { tid: '../t', iss: 'https://login.microsoftonline.com/../t/v2.0' }],
  ])('refuses a token of %s', async (_, claims) => {
    const { granted } = await signIn('https://login.microsoftonline.com', 'common', claims)
    expect(granted).toBe('setup_error')
  })
})

describe('the metadata of an OAuth server without OpenID Connect', () => {
  it('is discovered by RFC 8414', async () => {
    const service = new Service((path) =>
      path === '/.well-known/oauth-authorization-server' ? metadata : new Response('', { status: 404 }),
    )
    const code = provider({ issuer: AS }).authorizationCode()
    expect(await code.begin(request, null, service.reach)).toMatch(`${AS}/auth?`)
  })

  it('is requested again after a failure', async () => {
    const service = new Service(() => new Response('', { status: 404 }))
    const code = provider({ issuer: AS }).authorizationCode()
    await expect(code.begin(request, null, service.reach)).rejects.toMatchObject({ code: 'setup_error' })
    await expect(code.begin(request, null, service.reach)).rejects.toMatchObject({ code: 'setup_error' })
    expect(service.requests).toHaveLength(4)
  })
})
