import { afterEach, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { stream } from '../../examples/integrations/connection.ts'
import { importOffice, office } from '../../examples/integrations/entry-life.ts'
import { sites } from '../../examples/integrations/methods.ts'
import { account } from '../../examples/integrations/one-time-code.ts'
import { hub } from '../../examples/integrations/pairing.ts'
import { service } from '../../examples/integrations/service.ts'
import { api } from '../../examples/integrations/short-lived-token.ts'
import { versionOne, versionTwo } from '../../examples/integrations/versions.ts'
import { weather } from '../../examples/integrations/weather.ts'
import { shop } from '../../examples/oauth/shop.ts'
import {
  type AnyIntegration,
  createLatchkey,
  type FormView,
  type Latchkey,
  memoryStore,
  type View,
} from '../../src/index.ts'

const started: Latchkey[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((latchkey) => latchkey.stop()))
})

async function hostOf(integration: AnyIntegration, store = memoryStore()): Promise<Latchkey> {
  const latchkey = await createLatchkey({ integrations: [integration], store })
  started.push(latchkey)
  await latchkey.start()
  return latchkey
}

const start = ({ flows, integrations }: Latchkey): Promise<View> =>
  flows.start({ domain: integrations[0]?.domain ?? '', source: 'user' })

const submit = ({ flows }: Latchkey, { flowId, revision }: View, input: object): Promise<View> =>
  flows.submit(flowId, input, { revision })

const choose = ({ flows }: Latchkey, { flowId, revision }: View, choice: string): Promise<View> =>
  flows.choose(flowId, choice, { revision })

async function add(latchkey: Latchkey, input: object): Promise<string> {
  const result = await submit(latchkey, await start(latchkey), input)
  expect(result.type).toBe('create_entry')
  return result.entryId ?? ''
}

/** Returns a host whose hubs have a model and a firmware. Their PIN is `2468`. */
async function hostOfHubs(model: string, firmware: number): Promise<Latchkey> {
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    if (String(url).endsWith('/about')) return Response.json({ model, firmware })
    const isRight = new Headers(init?.headers).get('authorization') === 'Bearer 2468'
    return isRight ? Response.json({ id: 'hub-1' }) : new Response(null, { status: 422 })
  }
  const latchkey = await createLatchkey({ integrations: [hub], store: memoryStore(), network: { fetch } })
  started.push(latchkey)
  return latchkey
}

describe('the shop of docs/guides/oauth.md', () => {
  it('is entered before the sign-in, and its name is checked', async () => {
    const latchkey = await hostOf(shop)
    const form = await start(latchkey)
    expect(form).toMatchObject({ type: 'form', schema: { required: ['shop'] } })
    expect(await submit(latchkey, form, { shop: 'not a shop' })).toMatchObject({
      errors: { '/shop': { text: 'Enter the name before ".shops.example"' } },
    })
  })
})

describe('the example of docs/guides/integration-errors.md', () => {
  it.each([
    ['Hub 2', 2, '1111', { errors: { '/pin': { text: 'The sticker under the Hub 2 shows the PIN.' } } }],
    ['Hub 2', 1, '2468', { errors: { base: { text: 'Firmware 1 is too old. Update the hub.' } } }],
    ['Hub 1', 1, '2468', { type: 'abort', text: 'The Hub 1 cannot be connected.' }],
    ['Hub 2', 2, '2468', { type: 'create_entry' }],
  ])('says of a %s with firmware %d and the PIN %s: %j', async (model, firmware, pin, shown) => {
    const latchkey = await hostOfHubs(model, firmware)
    const view = await submit(latchkey, await start(latchkey), { host: 'hub.example', pin })
    expect(view).toMatchObject(shown)
  })
})

describe('the examples of docs/guides/integrations.md', () => {
  it('exchange a password and a one-time code for a token', async () => {
    const latchkey = await hostOf(account)
    const form = await start(latchkey)
    const wrong = await submit(latchkey, form, { username: 'alice', password: 'wrong' })
    expect(wrong).toMatchObject({ step: 'user', errors: { base: { code: 'invalid_auth' } } })
    const asked = await submit(latchkey, wrong, { username: 'alice', password: 'right' })
    expect(asked).toMatchObject({ step: 'challenge', challenge: 'otp', order: ['code'] })
    const expired = await submit(latchkey, asked, { code: '000000' })
    expect(expired).toMatchObject({ step: 'challenge', errors: { base: { code: 'code_expired' } } })
    const result = await submit(latchkey, expired, { code: '123456' })
    expect(result.type).toBe('create_entry')
    const reauth = await latchkey.entries.requestReauth(result.entryId ?? '')
    expect((reauth as FormView).order).toEqual(['password'])
  })

  it('refresh a token before it expires', async () => {
    const latchkey = await hostOf(api)
    const entryId = await add(latchkey, { refreshToken: 'refresh-1' })
    const whose = () => latchkey.entries.use(api, entryId, (client) => client.account())
    expect(await whose()).toMatchObject({ name: 'alice' })
    service.tokens.delete('token-2')
    service.refreshed.set('refresh-1', 'token-3')
    expect(await whose()).toMatchObject({ name: 'alice' })
  })

  it('offer two methods, and choices from the service', async () => {
    const latchkey = await hostOf(sites)
    const methods = await start(latchkey)
    expect(methods).toMatchObject({ type: 'menu', step: 'pick_method' })
    const login = await choose(latchkey, methods, 'login')
    const sitesOf = await submit(latchkey, login, { username: 'alice', password: 'right' })
    const site = { oneOf: [{ const: 'north', title: 'North site of alice' }, { const: 'south' }] }
    expect(sitesOf).toMatchObject({ type: 'form', page: 'site', schema: { properties: { site } } })
    expect(await submit(latchkey, sitesOf, { site: 'south' })).toMatchObject({ type: 'create_entry' })
    const token = await choose(latchkey, await start(latchkey), 'token')
    const again = await submit(latchkey, token, { site: 'south', token: 'token-1' })
    expect(again).toMatchObject({ type: 'abort', reason: 'already_configured' })
  })

  it('have options and sub-entries, and open the flow of the first sub-entry', async () => {
    const latchkey = await hostOf(weather)
    const result = await submit(latchkey, await start(latchkey), { apiKey: 'token-1' })
    expect(result).toMatchObject({ type: 'create_entry', nextFlow: { source: 'subentry' } })
    const { entryId, nextFlow } = result as Extract<View, { type: 'create_entry' }>
    const place = await latchkey.flows.get(nextFlow?.flowId ?? '')
    const unknown = await submit(latchkey, place, { city: 'Atlantis' })
    expect(unknown).toMatchObject({
      errors: { '/city': { code: 'unknown_place', text: 'No place has this name.' } },
    })
    expect(await submit(latchkey, unknown, { city: 'Bern' })).toMatchObject({ type: 'create_entry' })
    const options = await latchkey.flows.start({ source: 'options', entryId })
    await submit(latchkey, options, { interval: 5 })
    const seen = await latchkey.entries.use(weather, entryId, ({ cities, interval }) => ({
      cities,
      interval,
    }))
    expect(seen).toEqual({ cities: ['Bern'], interval: 5 })
  })

  it('migrate the entries of an older version', async () => {
    const store = memoryStore()
    const before = await hostOf(versionOne, store)
    const entryId = await add(before, { host: 'hub.local', key: 'token-1' })
    await before.stop()
    const after = await hostOf(versionTwo, store)
    expect(await after.entries.use(versionTwo, entryId, ({ url }) => url)).toBe('https://hub.local')
  })

  it('begin with a calendar, and migrate it', async () => {
    const store = memoryStore()
    const { subentries, ...rest } = office
    const {
      migrate: _,
      version: __,
      ...calendar
    } = subentries?.calendar ?? { title: '', fields: z.object({}) }
    const first = { ...calendar, fields: z.object({ colour: z.string() }) }
    const connect = async (...of: Parameters<typeof office.connect>) => ({
      ...(await office.connect(...of)),
      subentries: [{ type: 'calendar', title: 'Work', uniqueId: 'work', values: { colour: 'blue' } }],
    })
    const before = await hostOf(
      { ...rest, connect, subentries: { calendar: first } } as AnyIntegration,
      store,
    )
    const entryId = await add(before, { token: 'token-1' })
    await before.stop()
    const after = await hostOf(office, store)
    const seen = await after.entries.use(office, entryId, (client) => client)
    expect(seen).toEqual({ days: 14, calendars: ['Work'] })
  })

  it('import an entry with its options and sub-entries', async () => {
    const latchkey = await hostOf(office)
    const { entryId } = await importOffice(latchkey)
    const entry = await latchkey.entries.get(entryId ?? '')
    expect(entry).toMatchObject({ options: { days: 30 }, subentries: [{ title: 'Home' }] })
  })

  it('retry when the connection drops, with a German text', async () => {
    const latchkey = await hostOf(stream)
    const entryId = await add(latchkey, { token: 'token-1' })
    service.online = false
    service.drop()
    await Promise.resolve()
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'cannot_connect',
    })
    const form = await latchkey.flows.start({ domain: 'stream', source: 'user' }, { language: 'de' })
    expect(form).toMatchObject({ description: 'Example stream zeigt das Token unter „Konto“.' })
    service.online = true
  })
})
