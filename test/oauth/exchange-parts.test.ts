import { describe, expect, it } from '@jest/globals'
import { decodeProtectedHeader, exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { AddressRefusedError, defineIntegration, plainCipher, secret } from '../../src/index.ts'
import { clientCredentials, jwtBearer, registerClient, tokenExchange } from '../../src/oauth/index.ts'
import { makeHost, openForm } from '../engine/host.ts'

const AS = 'https://login.example'
const issuer = { issuer: AS, token_endpoint: `${AS}/token` }

/** Answers each request with the next answer, and records the requests. */
function service(...answers: readonly (() => Response)[]) {
  const requests: { url: string; method: string; headers: Headers; body: string }[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const { url: address, method, headers } = new Request(url as string, init)
    requests.push({ url: address, method, headers, body: await new Request(url as string, init).text() })
    const answer = answers[Math.min(requests.length, answers.length) - 1]
    if (answer === undefined) throw new TypeError('fetch failed')
    return answer()
  }
  return { requests, context: { fetch, signal: new AbortController().signal } }
}

const json =
  (body: object, status = 200, headers = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers })
const grant = json({ access_token: 'token-1', token_type: 'bearer', expires_in: 3600, refresh_token: 'r' })

describe('clientCredentials', () => {
  const parts = clientCredentials({ issuer, scope: ['a', 'b'], tokenParameters: { audience: 'api' } })
  const key = parts.fields.parse({ clientId: 'ann', clientSecret: 'the-key' })

  it('exchanges the id and the secret of the user for a token', async () => {
    const { requests, context } = service(grant)
    const stored = await parts.exchange(key, context)
    expect(stored).toEqual({
      clientId: 'ann',
      clientSecret: 'the-key',
      accessToken: 'token-1',
      expiresAt: expect.any(Number),
    })
    expect(requests[0]?.headers.get('authorization')).toBe(`Basic ${btoa('ann:the-key')}`)
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      audience: 'api',
      scope: 'a b',
    })
    const values = parts.stored.parse(stored)
    expect(parts.expiresAt(values)).toBe(stored.expiresAt)
    expect(await parts.refresh(values, context)).toEqual({
      accessToken: 'token-1',
      expiresAt: expect.any(Number),
    })
  })

  it.each<[string, () => Response, string]>([
    ['a wrong key', json({ error: 'invalid_client' }, 401), 'invalid_auth'],
    ['a key that was revoked', json({ error: 'unauthorized_client' }, 400), 'invalid_auth'],
    ['a service that is down', json({}, 503), 'cannot_connect'],
    ['a busy service', json({}, 429), 'rate_limited'],
  ])('has a distinct error for %s', async (_, answer, code) => {
    const { context } = service(answer)
    await expect(parts.exchange(key, context)).rejects.toMatchObject({ code })
  })

  it('reads the server, the id and the secret from other fields', async () => {
    const own = clientCredentials({
      fields: z.object({ tenant: z.string(), app: z.string(), key: secret() }),
      issuer: ({ tenant }) => ({ issuer: AS, token_endpoint: `${AS}/${tenant}/token` }),
      clientId: ({ app }) => app,
      clientSecret: ({ key: text }) => text.reveal(),
      tokenEndpointAuthMethod: 'client_secret_post',
    })
    const { requests, context } = service(json({ access_token: 't' }))
    await own.exchange(own.fields.parse({ tenant: 't-1', app: 'app', key: 'secret' }), context)
    expect(requests[0]?.url).toBe(`${AS}/t-1/token`)
    expect(new URLSearchParams(requests[0]?.body).get('client_secret')).toBe('secret')
  })

  it('links an account, refreshes its token, and asks for the key after it was revoked', async () => {
    let answer = grant
    const fetch: typeof globalThis.fetch = async () => answer()
    const integration = defineIntegration({
      domain: 'metrics',
      title: 'Metrics',
      ...clientCredentials({ issuer }),
      connect: async ({ clientId, accessToken }, { stored }) => ({
        client: { token: async () => (await stored()).accessToken.reveal() },
        uniqueId: `${clientId} ${accessToken.reveal().slice(0, 5)}`,
      }),
    })
    const clock = new SimulatedClock()
    clock.set(Date.now())
    const parts = { integrations: [integration], cipher: plainCipher(), clock }
    const host = await makeHost({ ...parts, network: { fetch } })
    const form = await openForm(host.latchkey, 'metrics')
    const linked = await host.latchkey.flows.submit(
      form.flowId,
      { clientId: 'ann', clientSecret: 'the-key' },
      form,
    )
    expect(linked).toMatchObject({ type: 'create_entry' })
    const entryId = linked.entryId ?? ''
    const token = () => host.latchkey.entries.use(integration, entryId, (client) => client.token())
    expect(await token()).toBe('token-1')
    host.clock.increment(3_600_000)
    answer = json({ access_token: 'token-2', expires_in: 3600 })
    expect(await token()).toBe('token-2')
    host.clock.increment(3_600_000)
    answer = json({ error: 'invalid_client' }, 401)
    await expect(token()).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
    const { items } = await host.latchkey.flows.list({ entryId })
    const [reauth] = items
    expect(reauth).toMatchObject({ step: 'reauth_confirm', order: ['clientSecret'] })
    await host.latchkey.stop()
  })
})

describe('jwtBearer', () => {
  it.each(['RS256', 'ES256', 'ES384', 'EdDSA'])(
    'signs an assertion with the key of the user: %s',
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
      const parts = jwtBearer({
        issuer,
        scope: 'read',
        fields: z.object({ email: z.string(), key: secret() }),
        privateKey: ({ key }) => key.reveal(),
        privateKeyId: () => 'key-1',
        claims: ({ email }) => ({ iss: email }),
      })
      const { requests, context } = service(json({ access_token: 'token-1' }))
      const values = parts.fields.parse({ email: 'ann@example', key: await exportPKCS8(privateKey) })
      expect(await parts.exchange(values, context)).toMatchObject({
        accessToken: 'token-1',
        email: 'ann@example',
      })
      const sent = Object.fromEntries(new URLSearchParams(requests[0]?.body))
      expect(sent).toEqual({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: expect.any(String),
        scope: 'read',
      })
      const { payload } = await jwtVerify(sent.assertion ?? '', publicKey)
      expect(payload).toMatchObject({ iss: 'ann@example', aud: `${AS}/token`, exp: expect.any(Number) })
      expect(decodeProtectedHeader(sent.assertion ?? '')).toMatchObject({ kid: 'key-1' })
    },
  )

  it('refuses a key that cannot be read, and a refused assertion', async () => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const pem = await exportPKCS8(privateKey)
    const parts = jwtBearer({
      issuer,
      fields: z.object({ key: secret() }),
      privateKey: ({ key }) => key.reveal(),
      claims: () => ({}),
    })
    const { context } = service(json({ error: 'invalid_grant' }, 400))
    const exchanged = (key: string) => parts.exchange(parts.fields.parse({ key }), context)
    await expect(exchanged('no key')).rejects.toMatchObject({ code: 'setup_error' })
    await expect(exchanged(pem)).rejects.toMatchObject({ code: 'invalid_auth' })
  })

  it('names the function that fails', async () => {
    const parts = jwtBearer({
      issuer,
      fields: z.object({ key: secret() }),
      privateKey: () => {
        throw new RangeError('no key')
      },
      claims: () => ({}),
    })
    const exchanged = parts.exchange(parts.fields.parse({ key: 'x' }), service(grant).context)
    await expect(exchanged).rejects.toMatchObject({
      code: 'setup_error',
      message: 'privateKey of the OAuth provider failed. RangeError: no key',
    })
  })
})

describe('tokenExchange', () => {
  const parts = tokenExchange({
    fields: z.object({ account: z.string(), apiKey: secret(), region: z.string().optional() }),
    url: 'https://api.example/accounts/{account}/tokens',
    headers: { 'x-key': '{apiKey}' },
    body: { key: 'k {apiKey}', all: [1, '{account}', null], other: '{unknown} {region}' },
    token: '/data/0/to~1ken',
    expiresIn: '/data/0/end',
  })
  const key = parts.fields.parse({ account: 'a/b', apiKey: 'se"cret' })
  const answer = (end: unknown) => json({ data: [{ 'to/ken': 'token-1', end }] }, 201)

  it('sends the fields, and reads the token', async () => {
    const { requests, context } = service(answer(3600))
    const stored = await parts.exchange(key, context)
    expect(stored).toEqual({
      account: 'a/b',
      apiKey: 'se"cret',
      accessToken: 'token-1',
      expiresAt: expect.any(Number),
    })
    const [request] = requests
    expect(request).toMatchObject({ url: 'https://api.example/accounts/a%2Fb/tokens', method: 'POST' })
    expect(request?.headers.get('x-key')).toBe('se"cret')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      key: 'k se"cret',
      all: [1, 'a/b', null],
      other: '{unknown} {region}',
    })
  })

  it('sends a form, or no body', async () => {
    const form = tokenExchange({
      fields: z.object({ key: secret() }),
      url: 'http://127.0.0.1:4711/token',
      format: 'form',
      body: { key: '{key}', n: 1 },
      token: '/t',
    })
    const { requests, context } = service(json({ t: 'x' }))
    expect(await form.exchange(form.fields.parse({ key: 'a b' }), context)).toEqual({
      key: 'a b',
      accessToken: 'x',
    })
    expect(requests[0]?.body).toBe('key=a+b&n=1')
    const get = tokenExchange({ fields: z.object({}), url: `${AS}/t`, method: 'GET', token: '/t' })
    await get.exchange({}, context)
    expect(requests[1]).toMatchObject({ method: 'GET', body: '' })
    expect(requests[1]?.headers.get('content-type')).toBeNull()
  })

  it.each<[unknown, number | null]>([
    [60, 60_000],
    ['60', 60_000],
    [4_000_000_000, null],
    ['never', null],
    [null, null],
    [-1, null],
    ['', null],
    [{}, null],
  ])('reads the lifetime %j', async (end, lifetime) => {
    const before = Date.now()
    const { expiresAt } = await parts.exchange(key, service(answer(end)).context)
    if (end === 4_000_000_000) expect(expiresAt).toBe(4_000_000_000_000)
    else if (lifetime === null) expect(expiresAt).toBeUndefined()
    else expect(Number(expiresAt) - before - lifetime).toBeLessThan(60_000)
  })

  it.each([
    ['2100-01-01T00:00:00Z', Date.UTC(2100, 0, 1)],
    [4_102_444_800_000, Date.UTC(2100, 0, 1)],
  ])('reads the expiration time %j', async (end, expiresAt) => {
    expect(await parts.exchange(key, service(answer(end)).context)).toMatchObject({ expiresAt })
  })

  it.each<[string, (() => Response) | undefined, string]>([
    ['a wrong key', json({ message: 'Bad key' }, 401), 'invalid_auth'],
    ['a wrong key with status 400', json({}, 400), 'invalid_auth'],
    ['a refusal with status 200', json({ error: 'invalid_token' }), 'invalid_auth'],
    ['no token', json({ data: [] }), 'setup_error'],
    ['a token that is not a text', json({ data: [{ 'to/ken': 7 }] }), 'setup_error'],
    ['a page', () => new Response('<html>', { status: 404 }), 'setup_error'],
    ['an outage', json({ error: 'temporarily_unavailable' }, 404), 'cannot_connect'],
    ['a service that is down', json({}, 500), 'cannot_connect'],
    ['a limit', json({}, 429, { 'retry-after': '7' }), 'rate_limited'],
    ['a broken network', undefined, 'cannot_connect'],
  ])('has a distinct error for %s', async (_, response, code) => {
    const { context } = response === undefined ? service() : service(response)
    await expect(parts.exchange(key, context)).rejects.toMatchObject({ code })
  })

  it('passes a refused address on', async () => {
    const fetch = () => Promise.reject(new AddressRefusedError())
    const refused = parts.exchange(key, { ...service().context, fetch })
    await expect(refused).rejects.toBeInstanceOf(AddressRefusedError)
  })

  it.each([
    [{ url: 'http://api.example/token' }, 'Invalid url "http://api.example/token" of tokenExchange.'],
    [{ url: 'no url' }, 'Invalid url "no url" of tokenExchange.'],
    [{ token: 'token' as '/x' }, 'Invalid pointer "token" of tokenExchange.'],
  ])('checks its options: %j', (change, message) => {
    const made = () =>
      tokenExchange({ fields: z.object({}), url: 'https://api.example', token: '/t', ...change })
    expect(made).toThrow(message)
  })
})

describe('registerClient', () => {
  const metadata = { issuer: AS, registration_endpoint: `${AS}/register`, token_endpoint: `${AS}/token` }
  const redirectUris = ['https://hub.example/callback']

  it('registers a public client if the server supports it, and discovers the server first', async () => {
    const supported = { ...metadata, token_endpoint_auth_methods_supported: ['none'] }
    const answer = { client_id: 'c-1', client_secret: '', token_endpoint_auth_method: 'none' }
    const { requests, context } = service(json(supported), json(answer))
    const options = { issuer: AS, redirectUris, clientName: 'Hub', scope: ['a', 'b'] }
    expect(await registerClient(options, context)).toEqual({
      clientId: 'c-1',
      tokenEndpointAuthMethod: 'none',
    })
    expect(requests.map(({ url }) => url)).toEqual([
      `${AS}/.well-known/openid-configuration`,
      `${AS}/register`,
    ])
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      redirect_uris: redirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Hub',
      scope: 'a b',
      token_endpoint_auth_method: 'none',
    })
  })

  it('returns the secret and the authentication of the client', async () => {
    const secret = { client_secret: 's3' }
    const answer = { client_id: 'c-2', ...secret, token_endpoint_auth_method: 'client_secret_post' }
    const { requests, context } = service(json(answer, 201))
    const registered = await registerClient(
      { issuer: metadata, redirectUris, initialAccessToken: 'token' },
      context,
    )
    expect(registered).toEqual({
      clientId: 'c-2',
      clientSecret: 's3',
      tokenEndpointAuthMethod: 'client_secret_post',
    })
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer token')
  })

  it.each([
    ['https://clients.example/c-3', AS, true],
    ['http://login.example/c-3', AS, false],
    ['http://127.0.0.1:4/c-3', 'http://127.0.0.1:4', true],
    ['http://login.example/c-3', 'http://127.0.0.1:4', false],
  ])('returns the address %s, which deletes the client, of %s: %s', async (uri, name, isUsed) => {
    const answer = { client_id: 'c-3', registration_client_uri: uri, registration_access_token: 'own' }
    const { requests, context } = service(json(answer, 201))
    const server = { issuer: name, registration_endpoint: `${name}/register` }
    const own = isUsed ? { registrationUri: uri, registrationToken: 'own' } : {}
    expect(await registerClient({ issuer: server, redirectUris: [] }, context)).toEqual({
      clientId: 'c-3',
      ...own,
    })
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: [],
    })
  })

  it('fails if the server refuses the registration', async () => {
    const { context } = service(json({ error: 'invalid_redirect_uri' }, 400))
    const refused = registerClient({ issuer: metadata, redirectUris }, context)
    await expect(refused).rejects.toMatchObject({ code: 'setup_error' })
    const { context: down } = service()
    const unreachable = registerClient({ issuer: metadata, redirectUris }, down)
    await expect(unreachable).rejects.toMatchObject({ code: 'cannot_connect' })
  })
})
