import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient, NoAnswerError, ProblemError } from '../../src/client/index.ts'
import { entry, form, repaired } from './samples.ts'
import { json, type WireServer, wireServer } from './wire-server.ts'

let server: WireServer
let client: LatchkeyClient
beforeEach(async () => {
  server = await wireServer()
  client = createClient({ url: `${server.url}/`, token: () => 'the-token' })
})
afterEach(() => server.close())

const f1 = form('f1', 4)
const e1 = entry('e1')
const page = { items: [], next: null, unreadable: [] }

/** Each call with the expected request. */
const calls: readonly (readonly [
  string,
  (client: LatchkeyClient) => Promise<unknown>,
  string,
  unknown,
  unknown,
])[] = [
  [
    'flows.start',
    (c) => c.flows.start({ domain: 'my_hub', source: 'user' }),
    'POST /flows',
    f1,
    { domain: 'my_hub', source: 'user' },
  ],
  ['flows.get', (c) => c.flows.get('f1'), 'GET /flows/f1', f1, undefined],
  [
    'flows.list',
    (c) => c.flows.list({ entryId: 'e1', limit: 2 }),
    'GET /flows?entryId=e1&limit=2',
    page,
    undefined,
  ],
  ['flows.submit', (c) => c.flows.submit(f1, { a: 1 }), 'POST /flows/f1', f1, { input: { a: 1 } }],
  ['flows.back', (c) => c.flows.back(f1), 'POST /flows/f1', f1, { back: true }],
  ['flows.cancel', (c) => c.flows.cancel('f1'), 'DELETE /flows/f1', repaired('f1', 5), undefined],
  ['entries.get', (c) => c.entries.get('e1'), 'GET /entries/e1', e1, undefined],
  ['entries.list', (c) => c.entries.list(), 'GET /entries', page, undefined],
  ['entries.rename', (c) => c.entries.rename('e1', 'Attic'), 'PATCH /entries/e1', e1, { title: 'Attic' }],
  ['entries.remove', (c) => c.entries.remove('e1'), 'DELETE /entries/e1', undefined, undefined],
  [
    'entries.reload',
    (c) => c.entries.reload('e1', { retryRejected: true }),
    'POST /entries/e1/reload',
    e1,
    { retryRejected: true },
  ],
  [
    'entries.unload',
    (c) => c.entries.unload('e1', { force: true }),
    'POST /entries/e1/unload',
    e1,
    { force: true },
  ],
  ['entries.reauth', (c) => c.entries.reauth('e1'), 'POST /entries/e1/reauth', f1, undefined],
  ['entries.reconfigure', (c) => c.entries.reconfigure('e1'), 'POST /entries/e1/reconfigure', f1, undefined],
  ['entries.enable', (c) => c.entries.enable('e1'), 'POST /entries/e1/enable', e1, undefined],
  ['entries.disable', (c) => c.entries.disable('e1'), 'POST /entries/e1/disable', e1, undefined],
  [
    'entries.history',
    (c) => c.entries.history('e1', { after: '7' }),
    'GET /entries/e1/history?after=7',
    page,
    undefined,
  ],
  [
    'entries.history of some kinds',
    (c) => c.entries.history('e1', { order: 'newest', kinds: ['entry_renamed', 'entry_created'] }),
    'GET /entries/e1/history?order=newest&kinds=entry_renamed%2Centry_created',
    page,
    undefined,
  ],
  [
    'entries.createLink',
    (c) => c.entries.createLink('e1'),
    'POST /entries/e1/links',
    { url: 'u', expiresAt: 1 },
    undefined,
  ],
  [
    'entries.withdrawReauth',
    (c) => c.entries.withdrawReauth('e1'),
    'DELETE /entries/e1/reauth',
    e1,
    undefined,
  ],
  [
    'entries.revokeLinks',
    (c) => c.entries.revokeLinks('e1'),
    'DELETE /entries/e1/links',
    undefined,
    undefined,
  ],
  ['attention.list', (c) => c.attention.list(), 'GET /attention', { items: [] }, undefined],
  ['integrations.list', (c) => c.integrations.list(), 'GET /integrations', { items: [] }, undefined],
]

describe('createClient', () => {
  it('returns the form of the options, or null without options', async () => {
    server.answer('GET /entries/e1/options', json(200, { form: { type: 'form', flowId: '' } }))
    expect(await client.entries.optionsForm('e1')).toEqual({ type: 'form', flowId: '' })
    server.answer('GET /entries/e2/options', json(200, {}))
    expect(await client.entries.optionsForm('e2')).toBeNull()
  })

  it.each(calls)('sends %s as the server expects', async (_, call, request, answered, sent) => {
    server.answer(request, (seen, response) =>
      answered === undefined ? response.writeHead(204).end() : json(200, answered)(seen, response),
    )
    expect(await call(client)).toEqual(answered)
    const [seen] = server.seen
    expect(`${seen?.method} ${seen?.path}`).toBe(request)
    expect(seen?.body).toEqual(sent)
    expect(seen?.headers.authorization).toBe('Bearer the-token')
    expect(seen?.headers['content-type']).toBe(sent === undefined ? undefined : 'application/json')
  })

  it('sends the revision of the view only with a submit and a rename', async () => {
    server.answer('POST /flows/f1', json(200, f1))
    server.answer('PATCH /entries/e1', json(200, e1))
    await client.flows.submit(f1, {})
    await client.flows.back(f1)
    await client.entries.rename('e1', 'Attic', { revision: 9 })
    await client.entries.rename('e1', 'Attic')
    expect(server.seen.map(({ headers }) => headers['if-match'])).toEqual(['"4"', '"4"', '"9"', undefined])
  })

  it('sends the idempotency key of a start', async () => {
    server.answer('POST /flows', json(201, f1))
    await client.flows.start({ domain: 'my_hub', source: 'user' }, { idempotencyKey: 'once' })
    expect(server.seen[0]?.headers['idempotency-key']).toBe('once')
  })

  it.each<readonly [string, (c: LatchkeyClient) => Promise<unknown>, string]>([
    ['flows.get', (c) => c.flows.get('f1'), 'GET /flows/f1'],
    ['flows.poll', (c) => c.flows.poll('f1'), 'POST /flows/f1'],
    ['entries.list', (c) => c.entries.list(), 'GET /entries'],
    ['webhooks.list', (c) => c.webhooks.list(), 'GET /webhooks'],
    ['page', (c) => c.page(), 'GET /page'],
    ['openLink', (c) => c.openLink('token'), 'POST /link'],
  ])('ends %s if the server does not answer', async (_, read, request) => {
    const hasty = createClient({ url: server.url, token: () => 'the-token', timing: { silence: 50 } })
    // The headers may arrive without the rest.
    for (const silence of [() => {}, (response: ServerResponse) => response.writeHead(200).flushHeaders()]) {
      server.answer(request, (__, response) => silence(response))
      const error = await read(hasty).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'TimeoutError' })
    }
  })

  it.each<readonly [string, (c: LatchkeyClient) => Promise<unknown>, string]>([
    ['flows.start', (c) => c.flows.start({ source: 'user', domain: 'my_hub' }), 'POST /flows'],
    ['flows.submit', (c) => c.flows.submit(f1, {}), 'POST /flows/f1'],
    ['flows.cancel', (c) => c.flows.cancel('f1'), 'DELETE /flows/f1'],
    ['entries.rename', (c) => c.entries.rename('e1', 'New'), 'PATCH /entries/e1'],
    ['entries.remove', (c) => c.entries.remove('e1'), 'DELETE /entries/e1'],
    ['entries.disable', (c) => c.entries.disable('e1'), 'POST /entries/e1/disable'],
    ['entries.createLink', (c) => c.entries.createLink('e1'), 'POST /entries/e1/links'],
    ['webhooks.rotateSecret', (c) => c.webhooks.rotateSecret('w1'), 'POST /webhooks/w1/secret'],
  ])('ends %s with an unknown result if the server does not answer', async (_, change, request) => {
    const hasty = createClient({ url: server.url, token: () => '', timing: { change: 50 } })
    for (const silence of [() => {}, (response: ServerResponse) => response.writeHead(200).flushHeaders()]) {
      server.answer(request, (__, response) => silence(response))
      const error = await change(hasty).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(NoAnswerError)
    }
  })

  it('repeats a start without an answer with the same key', async () => {
    const hasty = createClient({ url: server.url, token: () => '', timing: { change: 1_000 } })
    const start = () => hasty.flows.start({ source: 'user', domain: 'my_hub' })
    server.answer('POST /flows', () => {})
    await expect(start()).rejects.toThrow(NoAnswerError)
    server.answer('POST /flows', json(200, f1))
    expect(await start()).toEqual(f1)
    const [first, second] = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(second).toBe(first)
  })

  it('waits for the result of a change', async () => {
    server.answer('POST /flows/f1', (seen, response) => {
      setTimeout(() => json(200, f1)(seen, response), 100)
    })
    const hasty = createClient({ url: server.url, token: () => '', timing: { silence: 50 } })
    expect(await hasty.flows.submit(f1, {})).toEqual(f1)
  })

  it('requests a language only if one is set', async () => {
    server.answer('GET /flows/f1', json(200, f1))
    await client.flows.get('f1')
    const german = createClient({ url: server.url, token: () => '', language: 'de' })
    await german.flows.get('f1')
    german.setLanguage('en')
    await german.flows.get('f1')
    const languages = server.seen.map(({ headers }) => headers['accept-language'])
    expect(languages.slice(1)).toEqual(['de', 'en'])
    expect(languages[0]).not.toBe('de')
  })

  it('reopens its stream in another language, if one is open', async () => {
    client.setLanguage('de')
    expect(server.tries()).toHaveLength(0)
    const stop = client.subscribe(() => {})
    while (server.tries().length < 1) await new Promise((resolve) => setImmediate(resolve))
    client.setLanguage('de')
    client.setLanguage('en')
    while (server.tries().length < 2) await new Promise((resolve) => setImmediate(resolve))
    stop()
    expect(server.tries().map(({ headers }) => headers['accept-language'])).toEqual(['de', 'en'])
  })

  it('opens a repair link without its token, and gets the token before each other call', async () => {
    const opened = { session: 's', entry: { entryId: 'e1', title: 'Hub', domain: 'my_hub' }, flow: f1 }
    server.answer('POST /link', json(200, opened))
    expect(await client.openLink('from-the-link')).toEqual(opened)
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
    expect(server.seen[0]?.body).toEqual({ token: 'from-the-link' })

    let token = 'old'
    const later = createClient({ url: server.url, token: async () => token })
    await later.attention.list().catch(() => {})
    token = 'new'
    await later.attention.list().catch(() => {})
    expect(server.seen.slice(1).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ])
  })

  it('encodes ids as one segment of the path', async () => {
    await client.flows.get('../entries?x').catch(() => {})
    expect(server.seen[0]?.path).toBe('/flows/..%2Fentries%3Fx')
  })

  it('keeps the base path of the server', async () => {
    const below = createClient({ url: `${server.url}/latchkey`, token: () => 't' })
    await below.attention.list().catch(() => {})
    expect(server.seen[0]?.path).toBe('/latchkey/attention')
  })

  it('throws the error of the server', async () => {
    const problem = {
      title: 'Too Many Requests',
      status: 429,
      code: 'ATTEMPTS_EXHAUSTED',
      detail: 'Wait.',
      retryAfter: 30,
    }
    server.answer('POST /flows/f1', json(429, problem, 'application/problem+json'))
    const error = await client.flows.submit(f1, {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ status: 429, code: 'ATTEMPTS_EXHAUSTED', message: 'Wait.', problem })
  })

  it('throws an error if the response is not from Latchkey', async () => {
    server.answer('GET /attention', (_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>'))
    await expect(client.attention.list()).rejects.toMatchObject({ status: 502, code: 'UNEXPECTED_ANSWER' })
    server.answer('GET /attention', (_, response) => response.writeHead(200).end('<h1>Hello</h1>'))
    await expect(client.attention.list()).rejects.toMatchObject({ status: 200, code: 'UNEXPECTED_ANSWER' })
  })

  it('does not send the token after a redirect', async () => {
    server.answer('GET /attention', (_, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    )
    await expect(client.attention.list()).rejects.toThrow()
    expect(server.seen).toHaveLength(1)
  })

  it('updates the state from responses without a stream', async () => {
    server.answer('POST /flows/f1', json(200, form('f1', 5)))
    server.answer('POST /entries/e1/disable', json(200, entry('e1', { disabled: true })))
    server.answer('DELETE /entries/e1', (_, response) => response.writeHead(204).end())
    await client.flows.submit(f1, {})
    expect(client.getState().flows.get('f1')?.revision).toBe(5)
    await client.entries.disable('e1')
    expect(client.getState().entries.get('e1')?.disabled).toBe(true)
    await client.entries.remove('e1')
    expect(client.getState().entries.size).toBe(0)
  })

  it.each([
    ['a stale submit', 412, 'STALE_REVISION', form('f1', 6)],
    ['a submit to an ended flow', 409, 'FLOW_ENDED', repaired('f1', 6)],
  ])('updates the state from the error of %s', async (_, status, code, view) => {
    server.answer('POST /flows/f1', json(status, { status, code, view }))
    await expect(client.flows.submit(f1, {})).rejects.toMatchObject({ status, code })
    expect(client.getState().flows.get('f1')).toEqual(view)
  })
})
