import { describe, expect, it } from '@jest/globals'
import type { View } from '../../src/index.ts'
import { byName, Served } from './served.ts'

const publicUrl = 'https://hub.example'
const matching = (revision: number) => ({ 'if-match': `"${revision}"` })

describe('a caller with only one right', () => {
  it.each([
    ['read', 'GET', '/entries/ID', 200],
    ['read', 'GET', '/entries/ID/history', 200],
    ['read', 'GET', '/attention', 200],
    ['read', 'POST', '/entries/ID/reauth', 403],
    ['read', 'POST', '/flows/FLOW', 403],
    ['read', 'DELETE', '/flows/FLOW', 403],
    ['read', 'PATCH', '/entries/ID', 403],
    ['repair', 'GET', '/entries', 200],
    ['repair', 'POST', '/entries/ID/reauth', 200],
    ['repair', 'POST', '/entries/ID/reload', 200],
    ['repair', 'DELETE', '/flows/FLOW', 200],
    ['repair', 'POST', '/entries/ID/reconfigure', 403],
    ['repair', 'POST', '/entries/ID/replace', 403],
    ['repair', 'DELETE', '/entries/ID/reauth', 403],
    ['repair', 'POST', '/entries/ID/unload', 403],
    ['repair', 'POST', '/entries/ID/links', 403],
    ['repair', 'PATCH', '/entries/ID', 403],
    ['repair', 'DELETE', '/entries/ID', 403],
    ['manage', 'POST', '/entries/ID/reconfigure', 201],
    ['manage', 'POST', '/entries/ID/replace', 201],
    ['manage', 'POST', '/entries/ID/unload', 200],
    ['manage', 'PATCH', '/entries/ID', 200],
    ['manage', 'DELETE', '/entries/ID/reauth', 409],
    ['manage', 'DELETE', '/entries/ID', 204],
    ['read', 'GET', '/webhooks', 403],
    ['repair', 'GET', '/webhooks', 403],
    ['repair', 'POST', '/webhooks', 403],
    ['repair', 'POST', '/webhooks/ID/test', 403],
    ['repair', 'POST', '/webhooks/ID/secret', 403],
    ['repair', 'GET', '/webhooks/ID/deliveries', 403],
    ['repair', 'DELETE', '/webhooks/ID', 403],
    ['manage', 'GET', '/webhooks', 200],
    ['manage', 'DELETE', '/webhooks/ID', 404],
  ])('%s gets %s %s answered with %i', async (right, method, path, status) => {
    await using served = await Served.open({
      authorize: byName,
      publicUrl,
      links: { key: new Uint8Array(32) },
    })
    const entryId = await served.link('good', 'a')
    await served.breakToken(entryId, 'good', 'a')
    const { items } = await served.latchkey.scope('a').flows.list()
    const flow = items[0] as View
    const answer = await served.call(method, path.replace('ID', entryId).replace('FLOW', flow.flowId), {
      token: `a/ada/${right}`,
      origin: publicUrl,
      ...(method === 'PATCH' && { body: { title: 'Attic' } }),
      ...(path === '/flows/FLOW' && method === 'POST' && { body: { input: {} }, headers: matching(1) }),
    })
    expect(answer.status).toBe(status)
    if (status !== 403) return
    expect(answer.body.code).toBe('FORBIDDEN')
    expect((await served.latchkey.scope('a').flows.list()).items).toEqual(items)
    expect(await served.latchkey.scope('a').entries.get(entryId)).toMatchObject({ title: 'Ada' })
  })

  it('repairs an entry with `repair`, but cannot submit other flows', async () => {
    await using served = await Served.open({ authorize: byName, publicUrl })
    const entryId = await served.link('good', 'a')
    const as = { token: 'a/ada/repair', origin: publicUrl }
    const { flows } = served.latchkey.scope('a')
    const reconfigure = await flows.start({ source: 'reconfigure', entryId })
    const user = await flows.start({ domain: 'my_hub', source: 'user' })
    for (const { flowId } of [reconfigure, user]) {
      const input = { host: served.service.host, apiToken: 'good' }
      const tried = { ...as, body: { input }, headers: matching(1) }
      expect(await served.call('POST', `/flows/${flowId}`, tried)).toMatchObject({ status: 403 })
      expect(await served.call('DELETE', `/flows/${flowId}`, as)).toMatchObject({ status: 403 })
      await flows.cancel(flowId)
    }
    const { body } = await served.call('POST', '/flows', { ...as, body: { source: 'reauth', entryId } })
    const headers = matching(body.revision)
    const repair = { ...as, body: { input: { apiToken: 'good' } }, headers }
    expect(await served.call('POST', `/flows/${body.flowId}`, repair)).toMatchObject({
      body: { reason: 'reauth_successful' },
    })
    expect((await served.latchkey.scope('a').history(entryId)).items.at(-1)).toMatchObject({ who: 'ada' })
  })
})

describe('discoveries and imports', () => {
  const discovery = { uniqueId: 'account-1', values: { host: 'found.example' } }

  it.each(['read', 'repair'])('are forbidden with only the right %s', async (right) => {
    await using served = await Served.open({ authorize: byName, publicUrl })
    const { flows, entries } = served.latchkey.scope('a')
    const entryId = await served.link('good', 'a')
    await flows.start({ domain: 'my_hub', source: 'discovery', discovery })
    const other = { ...discovery, uniqueId: 'account-2' }
    const { flowId } = await flows.start({ domain: 'my_hub', source: 'discovery', discovery: other })
    const before = [
      await flows.list(),
      await entries.list(),
      await served.latchkey.scope('a').attention.list(),
    ]
    expect(before[2]).toMatchObject([{ reason: 'address_changed' }])
    const { checks } = served.service
    const input = { host: served.service.host, apiToken: 'good' }
    for (const [path, body] of [
      [
        '/flows',
        { domain: 'my_hub', source: 'discovery', discovery: { ...discovery, uniqueId: 'account-3' } },
      ],
      ['/flows', { domain: 'my_hub', source: 'import', input }],
      [`/flows/${flowId}`, { input }],
      [`/flows/${flowId}/ignore`, undefined],
      [`/entries/${entryId}/dismiss`, undefined],
      [`/entries/${entryId}/reconfigure`, undefined],
    ] as const) {
      const as = { token: `a/ada/${right}`, origin: publicUrl, headers: matching(1) }
      const answer = await served.call('POST', path, { ...as, ...(body !== undefined && { body }) })
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'FORBIDDEN'])
    }
    const after = [
      await flows.list(),
      await entries.list(),
      await served.latchkey.scope('a').attention.list(),
    ]
    expect(after).toEqual(before)
    expect((await entries.list({ ignored: true })).items).toEqual([])
    expect(served.service.checks).toBe(checks)
  })

  it('are allowed with the right manage', async () => {
    await using served = await Served.open({ authorize: byName, publicUrl })
    const call = (path: string, body?: object) =>
      served.call('POST', path, { token: 'a/ada/manage', origin: publicUrl, ...(body && { body }) })
    const found = await call('/flows', { domain: 'my_hub', source: 'discovery', discovery })
    expect(found).toMatchObject({ status: 201, body: { step: 'discovery_confirm', mayIgnore: true } })
    expect(await call(`/flows/${found.body.flowId}/ignore`)).toMatchObject({
      status: 200,
      body: { type: 'abort', reason: 'ignored' },
    })
    const input = { host: served.service.host, apiToken: 'good' }
    const refused = await call('/flows', { domain: 'my_hub', source: 'import', input })
    expect(refused).toMatchObject({ status: 201, body: { type: 'abort', reason: 'already_configured' } })
    served.service.tokens.set('other', { id: 'account-2', name: 'Bob' })
    for (const [content, pointer] of [
      [{ options: { interval: 5 } }, '/options'],
      [{ subentries: [{ type: 'room', title: 'Attic', values: {} }] }, '/subentries/0/type'],
    ] as const) {
      const body = { domain: 'my_hub', source: 'import', input: { ...input, apiToken: 'other' }, ...content }
      expect(await call('/flows', body)).toMatchObject({ status: 422, body: { pointers: [pointer] } })
    }
    const imported = await call('/flows', {
      domain: 'my_hub',
      source: 'import',
      input: { ...input, apiToken: 'other' },
    })
    expect(imported).toMatchObject({ status: 201, body: { type: 'create_entry' } })
    const { entryId } = imported.body
    const moved = { ...discovery, uniqueId: 'account-2' }
    await call('/flows', { domain: 'my_hub', source: 'discovery', discovery: moved })
    expect(await served.latchkey.scope('a').attention.list()).toMatchObject([{ entryId }])
    expect(await call(`/entries/${entryId}/dismiss`)).toMatchObject({ status: 200, body: { entryId } })
    expect(await served.latchkey.scope('a').attention.list()).toEqual([])
  })
})

describe('another scope', () => {
  it('gets the same response for ids of this scope as for unknown ids', async () => {
    await using served = await Served.open({
      authorize: byName,
      publicUrl,
      links: { key: new Uint8Array(32) },
    })
    const entryId = await served.link('good', 'a')
    const { flowId } = await served.latchkey.scope('a').flows.start({ source: 'reconfigure', entryId })
    const unknown = '00000000-0000-7000-8000-000000000000'
    const bodies: Readonly<Record<string, object>> = {
      'PATCH /entries/ID': { title: 'Mine' },
      'POST /flows/FLOW': { input: {} },
      'POST /flows': { source: 'reauth', entryId: 'ID' },
    }
    const responseTo = async (request: string, ids: { entryId: string; flowId: string }) => {
      const put = (text: string) => text.replace('ID', ids.entryId).replace('FLOW', ids.flowId)
      const [method = '', path = ''] = request.split(' ')
      const body = bodies[request] && JSON.parse(put(JSON.stringify(bodies[request])))
      const options = { token: 'b/bob/manage', origin: publicUrl, headers: matching(1) }
      const answer = await served.call(method, put(path), { ...options, ...(body && { body }) })
      return { ...answer, headers: [...answer.headers] }
    }
    for (const request of [
      'GET /entries/ID',
      'PATCH /entries/ID',
      'DELETE /entries/ID',
      'GET /entries/ID/history',
      'POST /entries/ID/reload',
      'POST /entries/ID/unload',
      'POST /entries/ID/reauth',
      'DELETE /entries/ID/reauth',
      'POST /entries/ID/reconfigure',
      'POST /entries/ID/replace',
      'DELETE /entries/ID/subentries/none',
      'POST /entries/ID/enable',
      'POST /entries/ID/disable',
      'POST /entries/ID/links',
      'POST /entries/ID/dismiss',
      'POST /flows/FLOW/ignore',
      'DELETE /entries/ID/links',
      'GET /flows/FLOW',
      'POST /flows/FLOW',
      'DELETE /flows/FLOW',
      'POST /flows',
    ]) {
      const foreign = await responseTo(request, { entryId, flowId })
      expect([request, foreign]).toEqual([
        request,
        await responseTo(request, { entryId: unknown, flowId: unknown }),
      ])
      if (foreign.status === 404) expect(foreign.body.code).toBe('NOT_FOUND')
      expect([request, foreign.status]).toEqual([request, request.endsWith('/history') ? 200 : 404])
    }
    for (const list of ['/entries', '/flows', '/attention']) {
      const answer = await served.call('GET', list, { token: 'b/bob/manage', origin: publicUrl })
      expect(answer.body.items).toEqual([])
    }
    expect(await served.latchkey.scope('a').entries.get(entryId)).toMatchObject({
      revision: 1,
      state: 'loaded',
    })
    expect(await served.latchkey.scope('a').flows.get(flowId)).toMatchObject({ type: 'form', revision: 1 })
  })
})

describe('asking', () => {
  it('has no side effects', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    await served.breakToken(entryId)
    const { flowId } = await served.latchkey.flows.start({ domain: 'my_hub', source: 'user' })
    const { checks } = served.service
    const before = served.store.feed.stamp?.()
    for (const path of [
      '/entries',
      `/entries/${entryId}`,
      `/entries/${entryId}/history`,
      '/attention',
      '/integrations',
      '/flows',
      `/flows/${flowId}`,
      '/openapi.json',
      '/health/live',
      '/page',
      '/entries/none',
      '/flows/none',
      '/nowhere',
    ]) {
      await served.call('GET', path)
    }
    const stream = await served.handler(
      new Request('http://127.0.0.1/events', {
        headers: { authorization: `Bearer ${served.handler.startToken}` },
      }),
    )
    const reader = stream.body?.getReader()
    expect((await reader?.read())?.value).toBeDefined()
    await reader?.cancel()
    expect(served.store.feed.stamp?.()).toBe(before)
    expect(served.service.checks).toBe(checks)
  })

  it('does not keep a stream open for a HEAD request', async () => {
    await using served = await Served.open()
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    const before = timers()
    const headers = { authorization: `Bearer ${served.handler.startToken}` }
    const request = new Request('http://127.0.0.1/events', { method: 'HEAD', headers })
    const response = await served.handler(request)
    expect(response).toMatchObject({ status: 200, body: null })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(timers()).toBe(before)
  })
})
