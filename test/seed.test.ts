import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { myHub } from '../examples/my-hub/my-hub.ts'
import { MyService } from '../examples/my-hub/service.ts'
import {
  type AbortView,
  createLatchkey,
  type FormView,
  InvalidInputError,
  type JsonObject,
  type Latchkey,
  memoryStore,
  ReauthRequiredError,
  type Store,
  type View,
} from '../src/index.ts'

// The origin of this project: Home Assistant's "Reauthentication flow", its config_flow.py line by line.

let service: MyService
let store: Store
let latchkey: Latchkey

beforeEach(async () => {
  service = await MyService.start()
  service.tokens.set('first-token', { id: 'user-1', name: 'Home of user 1' })
  service.tokens.set('token-of-another', { id: 'user-2', name: 'Home of user 2' })
  store = memoryStore()
  latchkey = await createLatchkey({ integrations: [myHub], store })
  await latchkey.start()
})

afterEach(async () => {
  await latchkey.stop()
  await service.stop()
})

const submit = (view: View, input: JsonObject) =>
  latchkey.flows.submit(view.flowId, input, { revision: view.revision })
const start = () => latchkey.flows.start({ domain: 'my_hub', source: 'user' })
const asForm = (view: View): FormView => {
  if (view.type !== 'form') throw new Error(`The step is ${view.type}, not a form.`)
  return view
}
const asAbort = (view: View): AbortView => {
  if (view.type !== 'abort') throw new Error(`The step is ${view.type}, not a result.`)
  return view
}
const row = (entryId: string) => store.getEntry('default', entryId)
const status = (entryId: string) => latchkey.entries.use(myHub, entryId, (client) => client.status())

async function setUp(): Promise<string> {
  const view = await submit(await start(), { host: service.host, apiToken: 'first-token' })
  if (view.type !== 'create_entry') throw new Error(`The step is ${view.type}, not a created entry.`)
  return view.entryId
}

/** The token is revoked, a call fails, and Latchkey opens a reauthentication. */
async function expired(entryId: string): Promise<FormView> {
  service.tokens.delete('first-token')
  service.tokens.set('second-token', { id: 'user-1', name: 'Home of user 1' })
  await expect(status(entryId)).rejects.toThrow(ReauthRequiredError)
  const [item] = await latchkey.attention.list()
  expect(item).toMatchObject({ entryId, reason: 'invalid_auth', title: 'Home of user 1' })
  return asForm(await latchkey.flows.get(item?.flowId ?? ''))
}

describe('async_step_user', () => {
  it('shows a form for the host and the API token', async () => {
    const form = asForm(await start())
    expect(form).toMatchObject({ step: 'user', order: ['host', 'apiToken'], values: {}, errors: {} })
    expect(form.schema).toMatchObject({
      properties: { host: { type: 'string' }, apiToken: { type: 'string', writeOnly: true } },
      required: ['host', 'apiToken'],
    })
  })

  it('shows cannot_connect on the form, with the submitted host but without the token', async () => {
    const dead = await MyService.start()
    const { host } = dead
    await dead.stop()
    const form = asForm(await submit(await start(), { host, apiToken: 'first-token' }))
    expect(form.errors).toMatchObject({ base: { code: 'cannot_connect' } })
    expect(form.values).toEqual({ host })
    expect(form.step).toBe('user')
  })

  it.each([
    ['cannot_connect', { status: 503 }],
    ['cannot_connect', { status: 404 }],
    ['invalid_auth', { status: 401 }],
    ['invalid_auth', { status: 403 }],
    ['rate_limited', { status: 429, headers: { 'retry-after': '30' } }],
  ])('shows %s if the service answers %j', async (code, trouble) => {
    service.troubles.push(trouble)
    const form = asForm(await submit(await start(), { host: service.host, apiToken: 'first-token' }))
    expect(form.errors.base?.code).toBe(code)
  })

  it.each([
    ['in seconds', '30', 30],
    ['as a date', new Date(Date.now() + 2_400_000).toUTCString(), 2_400],
  ])('waits as long as the service requests %s', async (_, header, wait) => {
    service.troubles.push({ status: 429, headers: { 'retry-after': header } })
    const form = asForm(await submit(await start(), { host: service.host, apiToken: 'first-token' }))
    expect(Math.abs((form.errors.base?.retryAfter ?? 0) - wait)).toBeLessThan(30)
    const again = asForm(await submit(form, { host: service.host, apiToken: 'first-token' }))
    expect(again.errors.base?.code).toBe('rate_limited')
    expect(service.checks).toBe(1)
  })

  it('creates the entry, saved and loaded, after one verification', async () => {
    const entryId = await setUp()
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      uniqueId: 'user-1',
      title: 'Home of user 1',
      state: 'loaded',
    })
    expect(await row(entryId)).toMatchObject({ data: { host: service.host } })
    expect(service.checks).toBe(1)
    await expect(status(entryId)).resolves.toEqual({ lamps: 6 })
  })

  it('aborts with already_configured for a linked account, without changes', async () => {
    const before = await row(await setUp())
    const end = asAbort(await submit(await start(), { host: service.host, apiToken: 'first-token' }))
    expect(end).toMatchObject({ reason: 'already_configured', success: false })
    const { items } = await latchkey.entries.list()
    expect(items).toHaveLength(1)
    expect(await row(items[0]?.entryId ?? '')).toEqual(before)
  })
})

describe('async_step_reauth', () => {
  it('opens automatically at reauth_confirm, which asks only for the token', async () => {
    const form = await expired(await setUp())
    expect(form).toMatchObject({ source: 'reauth', step: 'reauth_confirm', order: ['apiToken'], values: {} })
    expect(form.schema).toMatchObject({ required: ['apiToken'], additionalProperties: false })
    expect(form.placeholders).toMatchObject({
      name: 'Home of user 1',
      service: 'My Hub',
      secret: 'API token',
    })
  })

  it('opens only once, regardless of the number of requests', async () => {
    const entryId = await setUp()
    const form = await expired(entryId)
    const again = await latchkey.flows.start({ source: 'reauth', entryId })
    expect(again.flowId).toBe(form.flowId)
  })
})

describe('async_step_reauth_confirm', () => {
  it.each([
    ['cannot_connect', { status: 503 }],
    ['invalid_auth', { status: 401 }],
  ])('shows %s on the form and does not change the entry', async (code, trouble) => {
    const entryId = await setUp()
    const form = await expired(entryId)
    const before = await row(entryId)
    service.troubles.push(trouble)
    const shown = asForm(await submit(form, { apiToken: 'second-token' }))
    expect(shown).toMatchObject({ step: 'reauth_confirm', errors: { base: { code } }, values: {} })
    expect(await row(entryId)).toEqual(before)
  })

  it('rejects input with a host in addition to the token', async () => {
    const form = await expired(await setUp())
    const input = { apiToken: 'second-token', host: 'elsewhere.example' }
    await expect(submit(form, input)).rejects.toThrow(InvalidInputError)
  })

  it('aborts with wrong_account for another account’s token, and the entry still needs attention', async () => {
    const entryId = await setUp()
    const form = await expired(entryId)
    const before = JSON.stringify(await row(entryId))
    const end = asAbort(await submit(form, { apiToken: 'token-of-another' }))
    expect(end).toMatchObject({ reason: 'wrong_account', success: false })
    expect(JSON.stringify(await row(entryId))).toBe(before)
    expect(await latchkey.attention.list()).toMatchObject([{ entryId, reason: 'invalid_auth', flowId: null }])
    expect((await latchkey.entries.get(entryId)).state).toBe('reauth_required')
  })

  it('updates only the token, reloads the entry and aborts with reauth_successful', async () => {
    const entryId = await setUp()
    const form = await expired(entryId)
    const before = await row(entryId)
    const events: string[] = []
    latchkey.on('entry_loaded', () => events.push('loaded'))
    const checks = service.checks

    const end = asAbort(await submit(form, { apiToken: 'second-token' }))

    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'loaded' })
    const after = await row(entryId)
    expect(after).toEqual({
      ...before,
      expiresAt: null,
      lease: null,
      sealed: expect.any(String),
      credentialRevision: 2,
      rejectedRevision: null,
      reauth: null,
      revision: expect.any(Number),
      updatedAt: expect.any(Number),
    })
    expect(after?.sealed).not.toBe(before?.sealed)
    expect(after?.data).toEqual({ host: service.host })
    expect(events).toEqual(['loaded'])
    expect(service.checks - checks).toBe(1)
    await expect(status(entryId)).resolves.toEqual({ lamps: 6 })
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('cannot be submitted again', async () => {
    const form = await expired(await setUp())
    const end = await submit(form, { apiToken: 'second-token' })
    await expect(submit(end, { apiToken: 'second-token' })).rejects.toMatchObject({ code: 'FLOW_ENDED' })
    expect(await latchkey.flows.get(end.flowId)).toMatchObject({ reason: 'reauth_successful' })
  })
})

describe('the derived reconfiguration', () => {
  it('asks for the prefilled host and the token, and saves both', async () => {
    const entryId = await setUp()
    const moved = await MyService.start()
    moved.tokens.set('token-there', { id: 'user-1', name: 'Home of user 1' })
    try {
      const form = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
      expect(form).toMatchObject({
        step: 'reconfigure',
        order: ['host', 'apiToken'],
        values: { host: service.host },
      })
      const end = asAbort(await submit(form, { host: moved.host, apiToken: 'token-there' }))
      expect(end).toMatchObject({ reason: 'reconfigure_successful', success: true, entryState: 'loaded' })
      expect((await row(entryId))?.data).toEqual({ host: moved.host })
      await expect(status(entryId)).resolves.toEqual({ lamps: 6 })
    } finally {
      await moved.stop()
    }
  })

  it('rejects another account like a reauthentication', async () => {
    const entryId = await setUp()
    const before = await row(entryId)
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    const end = asAbort(await submit(form, { host: service.host, apiToken: 'token-of-another' }))
    expect(end).toMatchObject({ reason: 'wrong_account', success: false })
    expect(await row(entryId)).toEqual(before)
    await expect(status(entryId)).resolves.toEqual({ lamps: 6 })
  })
})
