import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { CannotConnectError, defineIntegration, type View } from '../../src/index.ts'
import { byName, Served } from './served.ts'

const publicUrl = 'https://hub.example'
const matching = (revision: number) => ({ 'if-match': `"${revision}"` })

/** Submits the input of a form. */
const submit = (served: Served, { flowId, revision }: View, input: object) =>
  served.call('POST', `/flows/${flowId}`, { body: { input }, headers: matching(revision) })

describe('an entry over HTTP', () => {
  it('is added through a form that reports invalid input', async () => {
    await using served = await Served.open()
    const { host } = served.service
    const { items } = (await served.call('GET', '/integrations')).body
    expect(items).toMatchObject([
      { domain: 'my_hub', title: 'My Hub', category: 'home', options: false, subentries: [] },
    ])
    const opened = await served.call('POST', '/flows', { body: { domain: items[0].domain, source: 'user' } })
    expect(opened).toMatchObject({
      status: 201,
      body: { type: 'form', step: 'user', revision: 1, errors: {} },
    })
    expect(opened.headers.get('location')).toBe(`/flows/${opened.body.flowId}`)
    const misspelt = await submit(served, opened.body, { host: 'no host', apiToken: 'good' })
    expect(misspelt).toMatchObject({ status: 200, body: { errors: { '/host': {} }, revision: 2 } })
    expect(misspelt.body.values).toEqual({ host: 'no host' })
    const refused = await submit(served, misspelt.body, { host, apiToken: 'wrong' })
    expect(refused.body).toMatchObject({ errors: { base: { code: 'invalid_auth' } }, values: { host } })
    expect((await served.call('GET', '/entries')).body.items).toEqual([])
    const added = await submit(served, refused.body, { host, apiToken: 'good' })
    expect(added).toMatchObject({ status: 200, body: { type: 'create_entry', success: true } })
    const { entryId } = added.body
    const entry = await served.call('GET', `/entries/${entryId}`)
    expect(entry.body).toMatchObject({ title: 'Ada', uniqueId: 'account-1', state: 'loaded', revision: 1 })
    expect(entry.headers.get('etag')).toBe('"1"')
    expect((await served.call('GET', '/entries')).body.items).toEqual([entry.body])
    const again = await submit(served, added.body, { host, apiToken: 'good' })
    expect(again).toMatchObject({ status: 409, body: { code: 'FLOW_ENDED', view: added.body } })
  })

  it('is not changed by input with an unknown field', async () => {
    await using served = await Served.open()
    const { body } = await served.call('POST', '/flows', { body: { domain: 'my_hub', source: 'user' } })
    const answer = await submit(served, body, { host: 'hub', apiToken: 'good', admin: true })
    expect(answer).toMatchObject({ status: 422, body: { code: 'INVALID_INPUT', pointers: ['/admin'] } })
    expect((await served.call('GET', `/flows/${body.flowId}`)).body).toEqual(body)
  })

  it('is renamed with the current revision and returned for an outdated one', async () => {
    await using served = await Served.open()
    const path = `/entries/${await served.link()}`
    const renamed = await served.call('PATCH', path, { body: { title: 'Attic' }, headers: matching(1) })
    expect(renamed).toMatchObject({ status: 200, body: { title: 'Attic', revision: 2 } })
    expect(renamed.headers.get('etag')).toBe('"2"')
    const stale = await served.call('PATCH', path, { body: { title: 'Cellar' }, headers: matching(1) })
    expect(stale).toMatchObject({ status: 412, body: { code: 'STALE_REVISION', view: renamed.body } })
    expect(stale.headers.get('etag')).toBe('"2"')
    expect((await served.call('GET', path)).body).toEqual(renamed.body)
    const bad = await served.call('PATCH', path, { body: { title: '\u202E' } })
    expect(bad).toMatchObject({ status: 422, body: { code: 'INVALID_INPUT', pointers: ['/title'] } })
    expect(await served.call('PATCH', path, { body: { title: 'Cellar' } })).toMatchObject({ status: 200 })
  })

  it('needs a new credential after the service rejects the old one, and is repaired only with the right account', async () => {
    await using served = await Served.open()
    const { tokens, host } = served.service
    const entryId = await served.link()
    const path = `/entries/${entryId}`
    expect((await served.call('GET', '/attention')).body).toEqual({ items: [], next: null })
    await served.breakToken(entryId)
    const { items } = (await served.call('GET', '/attention')).body
    expect(items).toMatchObject([{ entryId, title: 'Ada', reason: 'invalid_auth' }])
    const opened = await served.call('POST', `${path}/reauth`)
    // It was opened when the service rejected the credential.
    const open = { flowId: items[0].flowId, joined: true, step: 'reauth_confirm' }
    expect(opened).toMatchObject({ status: 200, body: open })
    expect(opened.body.order).toEqual(['apiToken'])
    tokens.set('theirs', { id: 'account-2', name: 'Bob' }).set('mine', { id: 'account-1', name: 'Ada' })
    const wrong = await submit(served, opened.body, { apiToken: 'theirs' })
    expect(wrong).toMatchObject({
      status: 200,
      body: { type: 'abort', reason: 'wrong_account', success: false },
    })
    expect((await served.call('GET', '/attention')).body.items).toMatchObject([{ entryId, flowId: null }])
    const second = (await served.call('POST', `${path}/reauth`)).body
    expect(second.flowId).not.toBe(opened.body.flowId)
    const bad = (await submit(served, second, { apiToken: 'bad' })).body
    expect(bad).toMatchObject({ type: 'form', errors: { base: { code: 'invalid_auth' } }, values: {} })
    const repaired = (await submit(served, bad, { apiToken: 'mine' })).body
    expect(repaired).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'loaded' })
    expect((await served.call('GET', '/attention')).body).toEqual({ items: [], next: null })
    expect((await served.call('GET', path)).body).toMatchObject({ state: 'loaded', reauth: null })

    const changing = (await served.call('POST', `${path}/reconfigure`)).body
    expect(changing).toMatchObject({ step: 'reconfigure', source: 'reconfigure', values: { host } })
    const inTheWay = await served.call('POST', `${path}/reauth`)
    expect(inTheWay).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_IN_PROGRESS', flowId: changing.flowId },
    })
    const moved = (await submit(served, changing, { host: `http://${host}`, apiToken: 'mine' })).body
    expect(moved).toMatchObject({ reason: 'reconfigure_successful', success: true })
  })

  it('is moved to another account after a confirmation', async () => {
    await using served = await Served.open()
    const { tokens, host } = served.service
    const path = `/entries/${await served.link()}`
    const form = await served.call('POST', `${path}/replace`)
    expect(form).toMatchObject({
      status: 201,
      body: { step: 'replace', source: 'replace', values: { host } },
    })
    tokens.set('theirs', { id: 'account-2', name: 'Bob' })
    const request = (await submit(served, form.body, { host: `http://${host}`, apiToken: 'theirs' })).body
    expect(request).toMatchObject({ type: 'menu', step: 'replace_confirm', placeholders: { account: 'Bob' } })
    const body = { choice: 'replace' }
    const done = await served.call('POST', `/flows/${request.flowId}`, {
      body,
      headers: matching(request.revision),
    })
    expect(done.body).toMatchObject({ reason: 'replace_successful', success: true })
    expect((await served.call('GET', path)).body).toMatchObject({ title: 'Bob', state: 'loaded' })
  })

  it('is unloaded, with force if its connection does not close', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    const path = `/entries/${entryId}/unload`
    expect(await served.call('POST', path)).toMatchObject({ status: 200, body: { state: 'not_loaded' } })
    await served.latchkey.entries.setup(entryId)
    const body = { force: true }
    expect(await served.call('POST', path, { body })).toMatchObject({ body: { state: 'not_loaded' } })
    expect(await served.call('POST', path, { body: { force: 1 } })).toMatchObject({ status: 422 })
  })

  it('is disabled, enabled, reloaded and removed, and its history remains', async () => {
    await using served = await Served.open()
    const entryId = await served.link()
    const path = `/entries/${entryId}`
    const state = async (method: string, action: string, body?: object) => {
      const answer = await served.call(method, `${path}${action}`, body === undefined ? {} : { body })
      return [answer.status, answer.body.state]
    }
    expect(await state('POST', '/disable')).toEqual([200, 'disabled'])
    expect(await state('POST', '/reload')).toEqual([409, undefined])
    expect(await state('POST', '/enable')).toEqual([200, 'loaded'])
    const { checks } = served.service
    expect(await state('POST', '/reload')).toEqual([200, 'loaded'])
    expect(served.service.checks).toBe(checks + 1)
    await served.breakToken(entryId)
    expect(await state('POST', '/reload')).toEqual([200, 'reauth_required'])
    served.service.tokens.set('good', { id: 'account-1', name: 'Ada' })
    expect(await state('POST', '/reload', {})).toEqual([200, 'reauth_required'])
    expect(await state('POST', '/reload', { retryRejected: true })).toEqual([200, 'loaded'])
    expect(await served.call('DELETE', path)).toMatchObject({ status: 204, body: '' })
    for (const [method, action] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/reload'],
      ['POST', '/reauth'],
    ] as const) {
      const gone = await served.call(method, `${path}${action}`)
      expect(gone).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    }
    const { items, next } = (await served.call('GET', `${path}/history`)).body
    expect(items.map(({ kind }: { kind: string }) => kind)).toEqual([
      'entry_created',
      'entry_disabled',
      'entry_enabled',
      'reauth_required',
      'flow_started',
      'reauth_repaired',
      'entry_removed',
    ])
    expect(next).toBeNull()
    for (const row of items) expect(row).toMatchObject({ entryId })
    expect(new Set(items.map(({ who }: { who: string }) => who))).toEqual(new Set(['host', 'latchkey']))
    const first = (await served.call('GET', `${path}/history?limit=3`)).body
    const rest = (await served.call('GET', `${path}/history?after=${first.next}`)).body
    expect([...first.items, ...rest.items]).toEqual(items)
  })
})

describe('an Idempotency-Key', () => {
  it('opens one flow for one request of one principal', async () => {
    await using served = await Served.open({ authorize: byName, publicUrl })
    const entryId = await served.link('good', 'a')
    const start = (body: object, token = 'a/ada/manage', key = 'k') =>
      served.call('POST', '/flows', { body, token, origin: publicUrl, headers: { 'idempotency-key': key } })
    const user = { domain: 'my_hub', source: 'user' }
    const first = await start(user)
    const again = await start(user)
    expect(again).toMatchObject({ status: 201, body: first.body })
    const stored = () => served.store.findFlows('a', { open: true, limit: 9 })
    expect((await stored()).items).toHaveLength(1)
    const other = await start({ source: 'reauth', entryId })
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } })
    expect((await stored()).items).toHaveLength(1)
    const bob = await start(user, 'a/bob/manage')
    const later = await start(user, 'a/ada/manage', 'l')
    expect(new Set([first, bob, later].map(({ body }) => body.flowId)).size).toBe(3)
    const both = await Promise.all([start(user, 'a/eve/manage'), start(user, 'a/eve/manage')])
    expect(both[0]?.body).toEqual(both[1]?.body)
    expect((await stored()).items).toHaveLength(4)
  })
})

describe('two concurrent submits of the same form', () => {
  it('succeed only once: the other one gets the current view', async () => {
    await using served = await Served.open()
    const { host } = served.service
    const { body } = await served.call('POST', '/flows', { body: { domain: 'my_hub', source: 'user' } })
    const answers = await Promise.all([
      submit(served, body, { host, apiToken: 'wrong' }),
      submit(served, body, { host, apiToken: 'wrong' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
    const won = answers.find(({ status }) => status === 200)?.body
    expect(answers.find(({ status }) => status === 412)).toMatchObject({
      body: { code: 'STALE_REVISION', view: won },
    })
    expect(served.service.checks).toBe(1)
    expect((await served.call('GET', `/flows/${body.flowId}`)).body).toEqual(won)
  })
})

describe('choices over HTTP', () => {
  it('are loaded again, and selected by their value', async () => {
    let isAway = true
    const bridge = defineIntegration({
      domain: 'bridge',
      title: 'Bridge',
      fields: z.object({ host: z.string() }),
      choices: {
        host: async () => {
          if (isAway) throw new CannotConnectError()
          return { hall: 'Bridge in the hall' }
        },
      },
      connect: async ({ host }) => ({ client: host, uniqueId: host }),
    })
    await using served = await Served.open({}, [bridge])
    const { body: failed } = await served.call('POST', '/flows', {
      body: { domain: 'bridge', source: 'user' },
    })
    expect(failed).toMatchObject({
      type: 'form',
      mayRetry: true,
      errors: { base: { code: 'cannot_connect' } },
    })
    isAway = false
    const move = (view: View, body: object) =>
      served.call('POST', `/flows/${view.flowId}`, { body, headers: matching(view.revision) })
    const { body: form } = await move(failed, { retry: true })
    expect(form.schema.properties.host.oneOf).toEqual([{ const: 'hall', title: 'Bridge in the hall' }])
    expect(await move(form, { retry: true })).toMatchObject({ status: 409, body: { code: 'WRONG_STEP' } })
    expect((await move(form, { choice: 'hall' })).body).toMatchObject({ type: 'create_entry' })
  })
})
