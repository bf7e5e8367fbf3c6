import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { provider as forum } from '../../examples/oauth/is-dead.ts'
import { CLIENT, ExampleProvider } from '../../examples/oidc/provider.ts'
import { type OAuthTokens, oauthProvider, oauthTokens } from '../../src/oauth/index.ts'
import type { CodeRequest, Granted } from '../../src/ports/authorizer.ts'
import { SignInBrowser } from './sign-in-browser.ts'

const reach = { fetch: globalThis.fetch, signal: new AbortController().signal }
const redirectUri = 'http://127.0.0.1:4711/oauth/callback/account'
const request: CodeRequest = {
  redirectUri,
  state: 'the-state-of-this-request',
  nonce: 'the-nonce-of-this-request',
  verifier: 'v'.repeat(43),
}
const isBack = (url: URL) => url.href.startsWith(redirectUri)
const options = (issuer: string) => ({
  issuer,
  ...CLIENT,
  scope: 'openid email offline_access',
  parameters: { prompt: 'login consent' },
})
const stored = z.object(oauthTokens)
const storedOf = (granted: Granted): OAuthTokens => {
  if (granted.type !== 'granted') throw new Error(`Expected a grant, not ${granted.type}.`)
  return stored.parse(granted.values)
}

let provider: ExampleProvider
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())

describe('authorizationCode', () => {
  const signIn = async (user: string, codeRequest = request) => {
    const code = oauthProvider(options(provider.issuer)).authorizationCode()
    const address = await code.begin(codeRequest, null, reach)
    const { url } = await new SignInBrowser().signIn(address, user, isBack)
    return { code, address: new URL(address), callback: url }
  }

  it('sends PKCE, state and nonce, but not the verifier', async () => {
    const code = oauthProvider(options(provider.issuer)).authorizationCode()
    const address = new URL(await code.begin(request, { login: 'bob@home.example' }, reach))
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: redirectUri,
      state: request.state,
      nonce: request.nonce,
      code_challenge_method: 'S256',
      login_hint: 'bob@home.example',
      prompt: 'login consent',
    })
    expect(address.href).not.toContain(request.verifier)
  })

  it('grants tokens, the identity by issuer and subject, and the sign-in name', async () => {
    const { code, callback } = await signIn('alice')
    const granted = await code.finish(callback, request, reach)
    expect(granted).toMatchObject({
      values: { account: `${provider.issuer}#alice`, login: 'alice@home.example' },
    })
    expect(storedOf(granted).refreshToken?.reveal()).toEqual(expect.any(String))
    expect(storedOf(granted).expiresAt).toBeGreaterThan(Date.now())
  })

  it('takes the identity from the configured userinfo claim', async () => {
    const { callback } = await signIn('bob')
    const named = oauthProvider({ ...options(provider.issuer), accountClaim: 'email' }).authorizationCode()
    expect(await named.finish(callback, request, reach)).toMatchObject({
      values: { account: 'bob@home.example' },
    })
    const missing = oauthProvider({ ...options(provider.issuer), accountClaim: 'nobody' }).authorizationCode()
    const again = await signIn('bob')
    await expect(missing.finish(again.callback, request, reach)).rejects.toMatchObject({
      code: 'setup_error',
    })
  })

  it('returns a refusal by the user', async () => {
    const { code, callback } = await signIn('')
    expect(await code.finish(callback, request, reach)).toEqual({ type: 'rejected' })
  })

  it.each<[string, string, object | null]>([
    ...[
      'access_denied',
      'user_cancelled_login',
      'user_cancelled_authorize',
      'user_denied',
      'consent_declined',
      'login_cancelled',
      'cancelled',
      'user_cancel',
      'USER_REFUSED',
      'interaction_rejected',
    ].map((error) => [error, '', { type: 'rejected' }] as [string, string, object]),
    ['consent', '', null],
    ['denial_of_service', '', null],
    ['consent_required', '', { type: 'rejected', reason: 'consent_required' }],
    ['admin_policy_enforced', '', { type: 'rejected', reason: 'consent_required' }],
    [
      'access_denied',
      'AADSTS90094: The grant requires administrator permission.',
      { type: 'rejected', reason: 'consent_required' },
    ],
    ['access_denied', 'AADSTS65004: The user declined.', { type: 'rejected' }],
  ])('returns the answer %s %s', async (error, description, expected) => {
    const issuer = { issuer: 'https://login.example', authorization_endpoint: 'https://login.example/auth' }
    const code = oauthProvider({ issuer, clientId: 'me', scope: 'read' }).authorizationCode()
    const callback = new URL(`${redirectUri}?error=${error}&state=${request.state}`)
    callback.searchParams.set('error_description', description)
    const finished = code.finish(callback, request, reach)
    if (expected === null) await expect(finished).rejects.toMatchObject({ code: 'setup_error' })
    else expect(await finished).toEqual(expected)
  })

  it.each([
    ['the state of another request', { state: 'another' }, 'setup_error'],
    ['the nonce of another request', { nonce: 'another' }, 'setup_error'],
    ['another verifier', { verifier: 'w'.repeat(43) }, 'invalid_auth'],
  ])('rejects %s', async (_, change, code) => {
    const { code: authorizer, callback } = await signIn('alice')
    const refused = authorizer.finish(callback, { ...request, ...change }, reach)
    await expect(refused).rejects.toMatchObject({ code })
  })

  it.each([
    ['another issuer (mix-up)', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['a missing issuer that the server supports', (url: URL) => url.searchParams.delete('iss')],
  ])('rejects a response from %s without requesting tokens', async (_, change) => {
    const { code, callback } = await signIn('alice')
    change(callback)
    const before = provider.requests.length
    await expect(code.finish(callback, request, reach)).rejects.toMatchObject({ code: 'setup_error' })
    expect(provider.requests).toHaveLength(before)
  })

  it('rejects a code that was already redeemed', async () => {
    const { code, callback } = await signIn('alice')
    await code.finish(callback, request, reach)
    await expect(code.finish(callback, request, reach)).rejects.toMatchObject({ code: 'invalid_auth' })
  })

  it('revokes values that are not stored', async () => {
    const { code, callback } = await signIn('bob')
    const granted = await code.finish(callback, request, reach)
    const before = await provider.living('bob')
    await code.revoke?.(granted.type === 'granted' ? granted.values : {}, reach)
    expect(await provider.living('bob')).toBe(before - 1)
  })
})

describe('deviceCode', () => {
  it('waits, polls once per call, and returns the grant', async () => {
    const device = oauthProvider(options(provider.issuer)).deviceCode()
    const code = await device.begin(reach)
    expect(code).toMatchObject({ interval: 5_000, lifetime: 600_000 })
    const before = provider.requests.length
    expect(await device.poll(code.deviceCode, reach)).toEqual({ type: 'pending' })
    expect(provider.requests).toHaveLength(before + 1)
    await new SignInBrowser().enterCode(code.verificationUri, code.userCode, 'alice')
    const granted = await device.poll(code.deviceCode, reach)
    expect(granted).toMatchObject({ values: { account: `${provider.issuer}#alice` } })
    await device.revoke?.(granted.type === 'granted' ? granted.values : {}, reach)
  })

  it('returns a refusal by the user', async () => {
    const device = oauthProvider(options(provider.issuer)).deviceCode()
    const code = await device.begin(reach)
    await new SignInBrowser().enterCode(code.verificationUri, code.userCode, '')
    expect(await device.poll(code.deviceCode, reach)).toEqual({ type: 'rejected' })
  })

  it('reports an expired code', async () => {
    const device = oauthProvider(options(provider.issuer)).deviceCode()
    expect(await device.poll('unknown code', reach)).toEqual({ type: 'expired' })
  })
})

describe('refresh', () => {
  const grant = async (oauth: ReturnType<typeof oauthProvider>) => {
    const code = oauth.authorizationCode()
    const { url } = await new SignInBrowser().signIn(await code.begin(request, null, reach), 'alice', isBack)
    return storedOf(await code.finish(url, request, reach))
  }

  it('exchanges the refresh token for new tokens', async () => {
    const oauth = oauthProvider(options(provider.issuer))
    const tokens = await grant(oauth)
    const fresh = await oauth.refresh(tokens, reach)
    expect(fresh.refreshToken).not.toBe(tokens.refreshToken?.reveal())
    expect(oauth.expiresAt(stored.parse(fresh))).toBeGreaterThan(Date.now())
    await expect(oauth.refresh(tokens, reach)).rejects.toMatchObject({ code: 'invalid_auth' })
    expect(oauth.expiresAt({ accessToken: tokens.accessToken })).toBeNull()
  })

  it('fails permanently after the grant was revoked', async () => {
    const oauth = oauthProvider(options(provider.issuer))
    const tokens = await grant(oauth)
    await provider.revoke('alice')
    await expect(oauth.refresh(tokens, reach)).rejects.toMatchObject({ code: 'invalid_auth' })
  })
})

describe('the metadata of the server', () => {
  it('is requested once, and again only after a failure', async () => {
    const seen: string[] = []
    let down = true
    const fetch: typeof globalThis.fetch = async (url, init) => {
      seen.push(new URL(String(url)).pathname)
      if (down) return new Response('down', { status: 503 })
      return globalThis.fetch(url, init)
    }
    const code = oauthProvider(options(provider.issuer)).authorizationCode()
    const asking = { ...reach, fetch }
    await expect(code.begin(request, null, asking)).rejects.toMatchObject({ code: 'cannot_connect' })
    down = false
    await Promise.all([code.begin(request, null, asking), code.begin(request, null, asking)])
    expect(seen).toEqual(['/.well-known/openid-configuration', '/.well-known/openid-configuration'])
  })

  it('can be configured instead', async () => {
    const metadata = { issuer: 'https://login.example', authorization_endpoint: 'https://login.example/auth' }
    const code = oauthProvider({ ...options(''), issuer: metadata, scope: 'read' }).authorizationCode()
    const address = new URL(await code.begin(request, null, reach))
    expect(address.origin).toBe('https://login.example')
    expect(address.searchParams.has('nonce')).toBe(false)
  })

  it.each(['http://login.example', 'login.example', 'ftp://127.0.0.1'])(
    'is not requested from %s',
    (issuer) => {
      expect(() => oauthProvider({ ...CLIENT, issuer, scope: 'openid' })).toThrow('Invalid OAuth issuer')
    },
  )

  it('requires a client id', () => {
    const made = () => oauthProvider({ ...options('https://login.example'), clientId: '' })
    expect(made).toThrow('Missing clientId. oauthProvider needs it.')
  })
})

describe('an error of a token endpoint', () => {
  const answering = (answer: () => Promise<Response>) => ({ ...reach, fetch: answer as typeof fetch })
  const metadata = { issuer: 'https://login.example', token_endpoint: 'https://login.example/token' }
  const oauth = oauthProvider({ issuer: metadata, clientId: 'me', scope: 'read' })
  const tokens = stored.parse({ accessToken: 'short-lived', refreshToken: 'the-secret' })
  const json = (body: object, status: number, headers = {}) =>
    new Response(JSON.stringify({ ...body, quoted: 'the-secret' }), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    })

  it.each<[string, () => Promise<Response>, object]>([
    ['a permanent refusal', async () => json({ error: 'invalid_grant' }, 400), { code: 'invalid_auth' }],
    ['a wrong client', async () => json({ error: 'invalid_client' }, 401), { code: 'client_refused' }],
    [
      'a wrong client with WWW-Authenticate',
      async () => json({ error: 'invalid_client' }, 401, { 'www-authenticate': 'Basic realm="token"' }),
      { code: 'client_refused' },
    ],
    [
      'a refusal in a successful response',
      async () => json({ error: 'bad_refresh_token' }, 200),
      { code: 'invalid_auth' },
    ],
    ['a busy server', async () => json({ error: 'slow' }, 429), { code: 'rate_limited', retryAfter: 60 }],
    [
      'a busy server with Retry-After',
      async () => json({ error: 'slow' }, 429, { 'retry-after': '7' }),
      { code: 'rate_limited', retryAfter: 7 },
    ],
    [
      'a limit that is used up',
      async () => json({ message: 'Forbidden' }, 403, { 'x-ratelimit-remaining': '0' }),
      { code: 'rate_limited', retryAfter: 60 },
    ],
    [
      'a limit that only the body names',
      async () => json({ message: 'You have exceeded a secondary rate limit.' }, 403),
      { code: 'rate_limited', retryAfter: 60 },
    ],
    ['a broken server', async () => json({ error: 'server_error' }, 500), { code: 'cannot_connect' }],
    ['a server that is down', async () => new Response('', { status: 502 }), { code: 'cannot_connect' }],
    [
      'an overloaded server',
      async () => json({ error: 'temporarily_unavailable' }, 400),
      { code: 'cannot_connect' },
    ],
    [
      'a page instead of JSON',
      async () => new Response('<p>the-secret', { status: 200 }),
      { code: 'setup_error' },
    ],
    ['a page with status 404', async () => new Response('', { status: 404 }), { code: 'setup_error' }],
    ['a response without a token', async () => json({}, 200), { code: 'setup_error' }],
    [
      'a broken connection',
      async () => Promise.reject(new TypeError('the-secret')),
      { code: 'cannot_connect' },
    ],
    [
      'a timeout',
      async () => Promise.reject(new DOMException('the-secret', 'TimeoutError')),
      { code: 'cannot_connect' },
    ],
  ])('has a distinct code: %s', async (_, answer, expected) => {
    const error: unknown = await oauth.refresh(tokens, answering(answer)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(expected)
    expect(error).toBeInstanceOf(Error)
    const { message, stack, cause } = error as Error
    expect(`${message} ${stack}`).not.toContain('the-secret')
    expect(cause).toBeUndefined()
  })
})

describe('a token response of a large service', () => {
  const metadata = {
    issuer: 'https://login.example',
    token_endpoint: 'https://login.example/token',
    userinfo_endpoint: 'https://login.example/me',
  }
  const request = { redirectUri, state: 's', nonce: 'n', verifier: 'v'.repeat(43) }
  const callback = new URL(`${redirectUri}?code=c&state=s`)
  const granted = async (reply: object, change: object = {}, requests: Request[] = []) => {
    const oauth = oauthProvider({
      issuer: metadata,
      clientId: 'me',
      clientSecret: 'shh',
      scope: 'read',
      ...change,
    })
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const asked = new Request(url as string, init)
      requests.push(asked)
      const body = asked.url === metadata.token_endpoint ? reply : { id: 583231, login: 'octocat' }
      return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
    }
    return oauth.authorizationCode().finish(callback, request, { ...reach, fetch })
  }

  it.each([
    ['without a type (Shopify)', { access_token: 'a', expires_in: 3600 }],
    ['with its own type (Slack)', { ok: true, access_token: 'a', token_type: 'bot' }],
    ['with a list of scopes (Twitch)', { access_token: 'a', token_type: 'bearer', scope: ['x', 'y'] }],
    [
      'without a refresh token, as null (Notion)',
      { access_token: 'a', token_type: 'bearer', refresh_token: null },
    ],
    ['without an expiration, as null', { access_token: 'a', token_type: 'bearer', expires_in: null }],
    ['without an ID token, as null', { access_token: 'a', token_type: 'bearer', id_token: null }],
  ])('is accepted %s', async (_, reply) => {
    expect(await granted(reply)).toMatchObject({ type: 'granted', values: { accessToken: 'a' } })
  })

  it('has the account of a userinfo without sub (GitHub)', async () => {
    expect(await granted({ access_token: 'a' }, { accountClaim: 'id' })).toMatchObject({
      values: { account: '583231', login: 'octocat' },
    })
  })
})

describe('an answer that only the author knows', () => {
  it.each([
    [400, { message: 'Bad Request', error: 400 }, 'invalid_auth'],
    [404, { message: 'Not found', error: 404 }, 'setup_error'],
  ])('is a refusal if `isDead` returns true: %i', async (status, body, code) => {
    const fetch: typeof globalThis.fetch = async () => new Response(JSON.stringify(body), { status })
    const tokens = stored.parse({ accessToken: 'a', refreshToken: 'r' })
    await expect(forum.refresh(tokens, { ...reach, fetch })).rejects.toMatchObject({ code })
  })
})

describe('a refresh without a refresh token', () => {
  it('fails permanently without a request', async () => {
    const oauth = oauthProvider({ issuer: 'https://login.example', clientId: 'me', scope: 'read' })
    const refreshed = oauth.refresh(stored.parse({ accessToken: 'a' }), {
      ...reach,
      fetch: () => Promise.reject(new Error('It was called.')),
    })
    await expect(refreshed).rejects.toMatchObject({ code: 'invalid_auth' })
  })
})
