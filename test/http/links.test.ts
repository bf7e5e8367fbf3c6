import { describe, expect, it } from '@jest/globals'
import { SignJWT } from 'jose'
import { latchkeyHandler } from '../../src/http/index.ts'
import { Served } from './served.ts'

const key = new Uint8Array(32).fill(7)
const links = { key }

async function broken(): Promise<{ served: Served; entryId: string; token: string }> {
  const served = await Served.open({ links })
  const entryId = await served.link()
  await served.breakToken(entryId)
  const made = await served.call('POST', `/entries/${entryId}/links`)
  expect(made.status).toBe(201)
  return { served, entryId, token: made.body.url.split('/link/')[1] }
}

const open = (served: Served, token: string) => served.call('POST', '/link', { token: null, body: { token } })

describe('a repair link', () => {
  it('allows its holder to repair the entry and to see the result', async () => {
    const { served, entryId, token } = await broken()
    await using _ = served
    const opened = await open(served, token)
    expect(opened).toMatchObject({
      status: 200,
      body: { entry: { entryId, title: 'Ada' }, flow: { source: 'reauth' } },
    })
    const { title, icon, docs } = served.latchkey.integrations[0] ?? {}
    expect(opened.body.service).toEqual({ title, icon, docs })
    const day = 24 * 3_600_000
    expect(Math.abs(opened.body.expiresAt - (Date.now() + day))).toBeLessThan(60_000)
    const { session, flow } = opened.body
    expect(flow.values).toEqual({})
    served.service.tokens.set('new', { id: 'account-1', name: 'Ada' })
    const done = await served.call('POST', `/flows/${flow.flowId}`, {
      token: session,
      body: { input: { apiToken: 'new' } },
      headers: { 'if-match': `"${flow.revision}"` },
    })
    expect(done).toMatchObject({ status: 200, body: { reason: 'reauth_successful' } })
    expect((await served.call('GET', `/flows/${flow.flowId}`, { token: session })).body.success).toBe(true)
    // The link has been used.
    expect(await open(served, token)).toMatchObject({ status: 410, body: { code: 'LINK_ENDED' } })
    const { items } = await served.latchkey.history(entryId)
    expect(items.at(-1)).toMatchObject({ who: `link:${entryId}` })
  })

  it('still works after the flow was cancelled', async () => {
    const { served, token } = await broken()
    await using _ = served
    const first = (await open(served, token)).body
    await served.latchkey.flows.cancel(first.flow.flowId)
    const second = (await open(served, token)).body
    expect(second.flow.flowId).not.toBe(first.flow.flowId)
    expect((await served.call('GET', `/flows/${second.flow.flowId}`, { token: first.session })).status).toBe(
      200,
    )
  })

  it('has no side effects when it is only fetched', async () => {
    const { served, entryId, token } = await broken()
    await using _ = served
    const file = { body: new TextEncoder().encode('the page'), type: 'text/html', immutable: false }
    const handler = latchkeyHandler(served.latchkey, {
      links,
      page: async (path) => (path === '/link.html' ? file : undefined),
    })
    const before = [await served.latchkey.flows.list(), (await served.latchkey.history(entryId)).items.length]
    const response = await handler(new Request(`http://127.0.0.1/link/${token}`))
    expect(await response.text()).toBe('the page')
    expect([
      await served.latchkey.flows.list(),
      (await served.latchkey.history(entryId)).items.length,
    ]).toEqual(before)
  })

  it('gives access only to its repair', async () => {
    const { served, entryId, token } = await broken()
    await using _ = served
    served.service.tokens.set('two', { id: 'account-2', name: 'Bob' })
    const otherId = await served.link('two')
    const other = await served.latchkey.entries.requestReauth(otherId)
    const { session } = (await open(served, token)).body
    const asSession = (method: string, path: string, body?: unknown) =>
      served.call(method, path, {
        token: session,
        headers: { 'if-match': '"1"' },
        ...(body !== undefined && { body }),
      })
    expect((await asSession('GET', `/flows/${other.flowId}`)).status).toBe(404)
    expect((await asSession('POST', `/flows/${other.flowId}`, { input: {} })).status).toBe(404)
    for (const [method, path] of [
      ['GET', '/entries'],
      ['GET', '/flows'],
      ['GET', '/events'],
      ['GET', '/attention'],
      ['GET', `/entries/${entryId}`],
      ['GET', `/entries/${entryId}/history`],
      ['GET', `/entries/${entryId}/diagnostics`],
      ['GET', `/entries/${entryId}/options`],
      ['POST', `/entries/${entryId}/reload`],
      ['POST', `/entries/${entryId}/links`],
      ['DELETE', `/entries/${entryId}`],
    ] as const)
      expect((await asSession(method, path)).status).toBe(403)
    expect((await asSession('POST', '/flows', { source: 'reauth', entryId })).status).toBe(403)
    // A link is not a session, and a session is not a link.
    expect((await served.call('GET', '/entries', { token })).status).toBe(401)
    expect((await open(served, session)).status).toBe(401)
  })

  it('of a clock that was ahead does not work for longer than any other', async () => {
    const { served, token } = await broken()
    await using _ = served
    const [, payload = ''] = token.split('.')
    const { exp, ...claims } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const ahead = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setExpirationTime(exp + 365 * 86_400)
      .sign(key)
    expect((await open(served, ahead)).body).toMatchObject({ code: 'LINK_ENDED' })
  })

  it('shows only its result after the repair, not a later flow of another user', async () => {
    const { served, entryId, token } = await broken()
    await using _ = served
    const { session, flow } = (await open(served, token)).body
    const headers = { 'if-match': `"${flow.revision}"` }
    served.service.tokens.set('new', { id: 'account-1', name: 'Ada' })
    const asSession = (method: string, flowId: string, body?: object) =>
      served.call(method, `/flows/${flowId}`, { token: session, headers, ...(body && { body }) })
    await served.latchkey.flows.submit(flow.flowId, { apiToken: 'new' }, flow)
    expect(await served.latchkey.entries.get(entryId)).toMatchObject({ reauth: null })
    expect(await asSession('GET', flow.flowId)).toMatchObject({ status: 200, body: { type: 'abort' } })
    const later = await served.latchkey.flows.start({ source: 'reauth', entryId })
    expect((await asSession('GET', later.flowId)).status).toBe(404)
    expect((await asSession('POST', later.flowId, { input: { apiToken: 'x' } })).status).toBe(404)
    expect((await asSession('DELETE', later.flowId)).status).toBe(403)
  })

  it('stops working, with its sessions, when it is revoked', async () => {
    const { served, entryId, token } = await broken()
    await using _ = served
    const { session, flow } = (await open(served, token)).body
    expect((await served.call('DELETE', `/entries/${entryId}/links`)).status).toBe(204)
    expect(await open(served, token)).toMatchObject({ status: 410 })
    expect((await served.call('GET', `/flows/${flow.flowId}`, { token: session })).status).toBe(410)
    const next = (await served.call('POST', `/entries/${entryId}/links`)).body.url.split('/link/')[1]
    expect((await open(served, next)).status).toBe(200)
  })

  it('is rejected after it has expired and if it was signed with another key', async () => {
    const { served, entryId } = await broken()
    await using _ = served
    const { reauth } = await served.latchkey.entries.get(entryId)
    const claims = { scope: 'default', entryId, since: reauth?.since, generation: 0 }
    const sign = (by: Uint8Array, expires: number, audience = 'latchkey-link') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience(audience)
        .setExpirationTime(expires)
        .sign(by)
    const now = Math.floor(Date.now() / 1000)
    expect((await open(served, await sign(key, now + 60))).status).toBe(200)
    expect((await open(served, await sign(key, now - 60))).status).toBe(410)
    expect((await open(served, await sign(new Uint8Array(32), now + 60))).status).toBe(401)
    expect((await open(served, await sign(key, now + 60, 'somebody'))).status).toBe(401)
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ ...claims, aud: 'latchkey-link', exp: now + 60 })).toString('base64url')}.`
    expect((await open(served, none)).status).toBe(401)
  })

  it('is created only for an entry that needs repair', async () => {
    await using served = await Served.open({ links })
    const entryId = await served.link()
    expect(await served.call('POST', `/entries/${entryId}/links`)).toMatchObject({
      status: 409,
      body: { code: 'NOTHING_TO_REPAIR' },
    })
    expect((await served.call('POST', '/entries/none/links')).status).toBe(404)
    expect(() => latchkeyHandler(served.latchkey, { links: { key: new Uint8Array(16) } })).toThrow(/32 bytes/)
  })
})
