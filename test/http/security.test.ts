import { describe, expect, it } from '@jest/globals'
import { latchkeyHandler } from '../../src/http/index.ts'
import { ConfigurationError, createLatchkey, memoryStore } from '../../src/index.ts'
import { MemoryLog } from '../engine/host.ts'
import { byName, Served } from './served.ts'

const publicUrl = 'https://hub.example'
const strangers = { authorize: byName, publicUrl }

describe('latchkeyHandler', () => {
  it('does not log the credentials of a request if authorize throws', async () => {
    const log = new MemoryLog()
    const authorize = (request: Request): never => {
      const headers = Object.fromEntries(request.headers)
      const [, basic = ''] = /^Basic (.*)/.exec(headers.authorization ?? '') ?? []
      const quoted = `${headers.authorization} ${Buffer.from(basic, 'base64')} ${headers['x-api-key']} ${request.url}`
      throw new TypeError(`no session for ${quoted}`, {
        cause: new Error(JSON.stringify(headers)),
      })
    }
    await using served = await Served.open({ authorize, publicUrl, log })
    const basic = Buffer.from('user:open-sesame').toString('base64')
    const headers = { cookie: 'lang=de; sid=s3cr3t; session="0123456789abcdef"', 'x-api-key': 'key-0815' }
    for (const authorization of ['Bearer b34r', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln', `Basic ${basic}`]) {
      const call = { origin: publicUrl, token: null, headers: { ...headers, authorization } }
      const answer = await served.call('GET', '/entries?access_token=t0ken-in-a-query', call)
      expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
    }
    const text = JSON.stringify(log.lines)
    expect(text).toContain('no session for')
    for (const part of [
      'b34r',
      'eyJhbGci',
      'c2ln',
      's3cr3t',
      '01234567',
      'key-0815',
      'sesame',
      basic,
      't0ken-in',
    ])
      expect(text).not.toContain(part)
  })

  it.each([
    ['undefined', undefined],
    ['true', true],
    ['no principal', { scope: 'acme', rights: ['read'] }],
    ['no scope', { scope: '', principal: 'ann', rights: ['read'] }],
    ['no rights', { scope: 'acme', principal: 'ann' }],
    ['rights as text', { scope: 'acme', principal: 'ann', rights: 'manage' }],
    ['an unknown right', { scope: 'acme', principal: 'ann', rights: ['admin'] }],
  ])('refuses each request and logs why if authorize returns %s', async (_, access) => {
    const log = new MemoryLog()
    await using served = await Served.open({ authorize: () => access as never, publicUrl, log })
    const answer = await served.call('GET', '/entries', { origin: publicUrl })
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
    expect(log.lines).toMatchObject([
      { fields: { error: { message: expect.stringContaining('authorize returned an invalid access.') } } },
    ])
  })

  it('uses the log of Latchkey if it has no other', async () => {
    const log = new MemoryLog()
    const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), log })
    const authorize = (): never => {
      throw new Error('The sessions cannot be read.')
    }
    const answer = await latchkeyHandler(latchkey, { authorize, publicUrl })(
      new Request(`${publicUrl}/entries`),
    )
    expect(answer.status).toBe(500)
    expect(log.lines).toMatchObject([{ fields: { error: { message: 'The sessions cannot be read.' } } }])
    await latchkey.stop()
  })

  it.each([
    ['without a token', null, '/entries'],
    ['with another token', 'A'.repeat(43), '/entries'],
    ['with a truncated token', 'short', '/entries'],
    ['on a stream without a token', null, '/events'],
    ['for the OpenAPI document without a token', null, '/openapi.json'],
  ])('rejects a call %s', async (_, token, path) => {
    await using served = await Served.open()
    const answer = await served.call('GET', path, { token })
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('does not accept its token in a query or a cookie', async () => {
    await using served = await Served.open()
    const { startToken: token } = served.handler
    for (const path of [`/entries?token=${token}`, `/entries?access_token=${token}`]) {
      expect((await served.call('GET', path, { token: null })).status).toBe(401)
    }
    const headers = { cookie: `token=${token}` }
    expect((await served.call('GET', '/entries', { token: null, headers })).status).toBe(401)
    expect((await served.call('GET', '/entries')).status).toBe(200)
  })

  it('creates a different start token each time', async () => {
    await using served = await Served.open()
    const tokens = [1, 2, 3].map(() => latchkeyHandler(served.latchkey).startToken)
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) expect(Buffer.from(token ?? '', 'base64url')).toHaveLength(32)
  })

  it.each([
    'http://hub.example',
    'http://192.168.1.9:8124',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil',
  ])('does not answer for the host %s without authorize', async (origin) => {
    await using served = await Served.open()
    expect(await served.call('GET', '/entries', { origin })).toMatchObject({
      status: 421,
      body: { code: 'WRONG_HOST' },
    })
    // A probe names the address of the process.
    expect((await served.call('GET', '/health/live', { origin })).status).toBe(200)
    const headers = { origin: 'http://evil.example' }
    expect((await served.call('GET', '/health/live', { origin, headers })).status).toBe(421)
  })

  it.each(['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:8124'])(
    'answers for the host %s',
    async (origin) => {
      await using served = await Served.open()
      expect((await served.call('GET', '/entries', { origin })).status).toBe(200)
    },
  )

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:9', 'https://127.0.0.1:8124'])(
    'rejects requests from pages of the origin %s',
    async (origin) => {
      await using served = await Served.open()
      const answer = await served.call('POST', '/flows', {
        body: { domain: 'my_hub', source: 'user' },
        headers: { origin },
      })
      expect(answer).toMatchObject({ status: 403, body: { code: 'WRONG_ORIGIN' } })
      expect((await served.latchkey.flows.list()).items).toEqual([])
    },
  )

  it('answers only for its public origin if one is set', async () => {
    await using served = await Served.open(strangers)
    const token = 'a/ada/manage'
    expect((await served.call('GET', '/entries', { token, origin: 'http://hub.example' })).status).toBe(200)
    for (const host of ['rebound.example', 'hub.example.rebound.example', 'hub.example:81']) {
      const answer = await served.call('GET', '/entries', { token, origin: `http://${host}` })
      expect(answer.status).toBe(421)
    }
    expect((await served.call('GET', '/entries', { token })).status).toBe(421)
    const from = (origin: string) =>
      served.call('GET', '/entries', { token, origin: publicUrl, headers: { origin } })
    expect((await from(publicUrl)).status).toBe(200)
    expect((await from('http://hub.example')).status).toBe(403)
  })

  it('requires publicUrl together with authorize', async () => {
    await using served = await Served.open()
    expect(() => latchkeyHandler(served.latchkey, { authorize: byName })).toThrow(/publicUrl/)
    expect(() => latchkeyHandler(served.latchkey, { basePath: 'latchkey/' })).toThrow(/basePath/)
  })

  it.each([
    { publicUrl },
    { authorize: byName, publicUrl: 'hub.example' },
    { publicUrl: 'ftp://localhost' },
    { authorize: byName, publicUrl: `${publicUrl}/latchkey` },
    { authorize: byName, publicUrl: `${publicUrl}/?page=1` },
    { authorize: byName, publicUrl: 'https://user:password@hub.example' },
  ])('throws for %j', async (options) => {
    await using served = await Served.open()
    expect(() => latchkeyHandler(served.latchkey, options)).toThrow(ConfigurationError)
  })

  it.each([
    ['read', 'POST', '/entries/ID/reauth'],
    ['read', 'POST', '/entries/ID/reload'],
    ['read', 'POST', '/flows'],
    ['repair', 'POST', '/entries/ID/reconfigure'],
    ['repair', 'PATCH', '/entries/ID'],
    ['repair', 'DELETE', '/entries/ID'],
    ['repair', 'POST', '/entries/ID/disable'],
    ['repair', 'POST', '/entries/ID/unload'],
    ['repair', 'POST', '/flows'],
    ['repair', 'POST', '/entries/ID/dismiss'],
    ['repair', 'POST', '/flows/FLOW/ignore'],
  ])('rejects the right %s for %s %s', async (right, method, path) => {
    await using served = await Served.open(strangers)
    const entryId = await served.link('good', 'a')
    const bodies: Record<string, unknown> = {
      '/flows': { domain: 'my_hub', source: 'user' },
      '/entries/ID': { title: 'x' },
    }
    const body = method === 'DELETE' ? undefined : bodies[path]
    const options = { token: `a/ada/${right}`, origin: publicUrl, ...(body !== undefined && { body }) }
    const answer = await served.call(method, path.replace('ID', entryId), options)
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    const { flows, entries } = served.latchkey.scope('a')
    expect((await flows.list()).items).toEqual([])
    expect(await entries.get(entryId)).toMatchObject({ revision: 1, title: 'Ada', disabled: false })
  })

  it('answers ids of another scope and unknown ids identically', async () => {
    await using served = await Served.open(strangers)
    const entryId = await served.link('good', 'a')
    const { flowId } = await served.latchkey.scope('a').flows.start({ domain: 'my_hub', source: 'user' })
    for (const [method, path] of [
      ['GET', '/entries/'],
      ['DELETE', '/entries/'],
      ['GET', '/flows/'],
      ['DELETE', '/flows/'],
    ] as const) {
      const id = path === '/flows/' ? flowId : entryId
      const ask = (token: string, one: string) =>
        served.call(method, `${path}${one}`, { token, origin: publicUrl })
      const foreign = await ask('b/bob/manage', id)
      const unknown = await ask('b/bob/manage', id.replace(/./g, '0'))
      expect(foreign).toEqual({ ...unknown, headers: foreign.headers })
      expect([...foreign.headers]).toEqual([...unknown.headers])
      expect(foreign.status).toBe(404)
      if (method === 'GET') expect((await ask('a/ada/read', id)).status).toBe(200)
    }
    expect(
      (await served.call('GET', '/entries', { token: 'b/bob/read', origin: publicUrl })).body.items,
    ).toEqual([])
  })

  it.each([
    ['text/plain', '{"domain":"my_hub","source":"user"}', 415],
    ['application/x-www-form-urlencoded', 'source=user', 415],
    ['application/jsonp', '{}', 415],
    ['application/json', '{"source"', 400],
    ['application/json', '[]', 422],
    ['application/json', `{"domain":"${'x'.repeat(300_000)}"}`, 413],
  ])('rejects a body of %s: %.20s', async (type, body, status) => {
    await using served = await Served.open()
    const { handler } = served
    const headers = { authorization: `Bearer ${handler.startToken}`, 'content-type': type }
    const response = await handler(new Request('http://127.0.0.1/flows', { method: 'POST', headers, body }))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect((await served.latchkey.flows.list()).items).toEqual([])
  })

  it('restricts what browsers may do with its responses', async () => {
    await using served = await Served.open({
      page: async (path) =>
        path === '/index.html'
          ? { body: new TextEncoder().encode('<head></head>'), type: 'text/html', immutable: false }
          : undefined,
    })
    const api = await served.call('GET', '/entries')
    expect(api.headers.get('cache-control')).toBe('no-store')
    const page = await served.call('GET', '/', { token: null })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/)
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/)
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    // A user may have mistyped the address. Other clients need an error that they can read.
    const lost = (accept: string) =>
      served.handler(new Request('http://127.0.0.1/no/path', { headers: { accept } }))
    const shown = await lost('text/html,*/*;q=0.8')
    expect([shown.status, await shown.text()]).toEqual([404, '<head><base href="/" /></head>'])
    expect(shown.headers.get('content-security-policy')).toContain("base-uri 'self'")
    expect(await (await lost('*/*')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    for (const { headers } of [
      api,
      page,
      shown,
      await served.call('GET', '/assets/none.js', { token: null }),
    ]) {
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})
