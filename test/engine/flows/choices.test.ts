import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import {
  address,
  CannotConnectError,
  type Choice,
  type Cipher,
  createLatchkey,
  defineIntegration,
  defineIntegrationWithMethods,
  FormError,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  type Store,
  StoreError,
  secret,
  type View,
} from '../../../src/index.ts'
import { SimulatedClock } from '../../../src/testing/index.ts'
import { MemoryLog } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const choicesIn = (view: View, field: string) =>
  view.type === 'form' ? view.schema.properties[field]?.oneOf : undefined
const valuesOf = (view: View, field: string) =>
  (choicesIn(view, field) as { readonly const: string }[] | undefined)?.map((choice) => choice.const)

async function host(...integrations: Parameters<typeof createLatchkey>[0]['integrations'][number][]) {
  return hostOn({ store: memoryStore() }, ...integrations)
}

async function hostOn(
  { store, cipher }: { store: Store; cipher?: Cipher },
  ...integrations: Parameters<typeof host>
) {
  const log = new MemoryLog()
  const more = { log, clock: new SimulatedClock(), ...(cipher !== undefined && { cipher }) }
  const latchkey = await createLatchkey({ integrations, store, ...more })
  const submit = (view: View, input: object) => latchkey.flows.submit(view.flowId, input, view)
  return { latchkey, store, log, submit }
}

/** Answers one step after the other. */
async function play(latchkey: Latchkey, view: View, ...inputs: object[]): Promise<View> {
  let next = view
  for (const input of inputs) next = await latchkey.flows.submit(next.flowId, input, next)
  return next
}

const fields = z.object({
  host: address().meta({ title: 'Host' }),
  site: z.string(),
  token: secret(),
  extra: secret().optional(),
})

/** A service whose account has sites. It counts what its function received, and can be away. */
function sites(more: object = {}) {
  const asked: Readonly<Record<string, unknown>>[] = []
  const world = { away: false, offers: { s1: 'Home', s2: 'Office' } as Record<string, string> }
  const integration = defineIntegration({
    domain: 'sites',
    title: 'Sites',
    fields,
    choices: {
      site: async ({ token, extra, ...values }) => {
        asked.push({ ...values, token: token?.reveal(), extra: extra?.reveal() })
        if (world.away) throw new CannotConnectError()
        if (token?.reveal() === 'bad') throw new InvalidAuthError()
        return world.offers
      },
    },
    connect: async ({ host: at, site, token }) => ({
      client: { host: at, site, token: token.reveal() },
      uniqueId: 'me',
    }),
    ...more,
  })
  return { integration, asked, world }
}

const link = async (latchkey: Latchkey, ...inputs: object[]): Promise<string> => {
  const end = await play(latchkey, await latchkey.flows.start({ domain: 'sites', source: 'user' }), ...inputs)
  return end.entryId ?? ''
}
const login = { host: 'hub', token: 't1', extra: 'x1' }

describe('choices of a field', () => {
  it('get a page by themselves, after the fields that they need', async () => {
    const { integration, asked } = sites()
    const { latchkey, submit } = await host(integration)
    const first = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    expect(first).toMatchObject({ type: 'form', order: ['host', 'token', 'extra'], lastStep: false })
    expect(first).not.toHaveProperty('page')
    const second = await submit(first, login)
    expect(second).toMatchObject({ page: 'site', order: ['site'], lastStep: true, mayGoBack: true })
    expect(asked).toEqual([{ host: 'hub', token: 't1', extra: 'x1' }])
    expect(await submit(second, { site: 's2' })).toMatchObject({ type: 'create_entry' })
  })

  it('are rows of a list that the author orders, with descriptions and labels of a language', async () => {
    const plans: readonly Choice[] = [
      { value: '20', label: 'Twenty', description: 'For teams' },
      { value: '3', label: 'Three' },
    ]
    const integration = defineIntegration({
      domain: 'plans',
      title: 'Plans',
      fields: z.object({ plan: z.enum(['3', '20']), kind: z.string().optional(), token: secret() }),
      choices: { plan: plans, kind: { a: 'A', b: 'B' } },
      texts: {
        en: { data: { plan: 'Plan', kind: 'Kind', token: 'Token' } },
        de: {
          data: { plan: 'Tarif', kind: 'Art', token: 'Token' },
          choices: { plan: { 3: 'Drei' } },
          step: { user: { choices: { kind: { a: 'Erste' } } } },
        },
      },
      connect: async () => ({ client: null, uniqueId: 'me' }),
    })
    const { latchkey, submit } = await host(integration)
    const form = await latchkey.flows.start({ domain: 'plans', source: 'user' })
    expect(choicesIn(form, 'plan')).toEqual([
      { const: '20', title: 'Twenty', description: 'For teams' },
      { const: '3', title: 'Three' },
    ])
    expect(form).not.toHaveProperty('schema.properties.plan.enum')
    const german = await latchkey.flows.get(form.flowId, { language: 'de' })
    expect(choicesIn(german, 'plan')).toContainEqual({ const: '3', title: 'Drei' })
    expect(choicesIn(german, 'kind')).toContainEqual({ const: 'a', title: 'Erste' })
    const wrong = await submit(form, { plan: '4', kind: 'c', token: 't' })
    expect(wrong).toMatchObject({
      errors: { '/plan': { code: 'invalid_value' }, '/kind': { code: 'invalid_value' } },
    })
    expect(await submit(wrong, { plan: '3', token: 't' })).toMatchObject({ type: 'create_entry' })
  })

  it('have the type of their field, and are compared with it', async () => {
    const offers = { rooms: [1, 2] as readonly unknown[] }
    const integration = defineIntegration({
      domain: 'plans',
      title: 'Plans',
      fields: z.object({ interval: z.literal([60, 3600]), fast: z.boolean(), room: z.int().optional() }),
      reconfigure: ['interval', 'fast', 'room'],
      pages: { first: ['interval', 'fast'], room: ['room'] },
      choices: {
        interval: { 3600: 'Each hour', 60: 'Each minute' },
        fast: { true: 'Fast', false: 'Cheap' },
        room: async ({ interval }) =>
          offers.rooms.map((value) => ({ value, label: `${value} at ${interval}` })) as readonly Choice[],
      },
      texts: {
        en: {
          data: { interval: 'Interval', fast: 'Speed', room: 'Room' },
          choices: { fast: { false: 'Slow' } },
        },
      },
      connect: async (client) => ({ client, uniqueId: 'me' }),
    })
    const { latchkey, submit, store } = await host(integration)
    const form = await latchkey.flows.start({ domain: 'plans', source: 'user' })
    expect(choicesIn(form, 'interval')).toEqual([
      { const: 60, title: 'Each minute' },
      { const: 3600, title: 'Each hour' },
    ])
    expect(choicesIn(form, 'fast')).toEqual([
      { const: true, title: 'Fast' },
      { const: false, title: 'Slow' },
    ])
    const wrong = await submit(form, { interval: 61, fast: 'true' })
    expect(wrong).toMatchObject({ errors: { '/interval': {}, '/fast': {} } })
    const rooms = await submit(wrong, { interval: 60, fast: false })
    expect(choicesIn(rooms, 'room')).toEqual([
      { const: 1, title: '1 at 60' },
      { const: 2, title: '2 at 60' },
    ])
    expect(await submit(rooms, { room: 3 })).toMatchObject({ errors: { '/room': { code: 'invalid_value' } } })
    const again = await latchkey.flows.get(rooms.flowId)
    const { entryId } = await latchkey.flows.choose(again.flowId, '2', again)
    const entry = await store.getEntry('default', entryId ?? '')
    expect(entry?.data).toEqual({ interval: 60, fast: false, room: 2 })
    offers.rooms = [1]
    const stored = await latchkey.flows.start({ source: 'reconfigure', entryId: entryId ?? '' })
    const kept = await submit(stored, { interval: 60, fast: true })
    expect(choicesIn(kept, 'room')).toContainEqual({ const: 2, title: '2' })
    expect(await submit(kept, { room: 2 })).toMatchObject({ success: true })
    offers.rooms = ['1']
    const broken = await latchkey.flows.start({ source: 'reconfigure', entryId: entryId ?? '' })
    expect(await submit(broken, { interval: 60, fast: true })).toMatchObject({
      errors: { base: { code: 'unknown' } },
    })
  })

  it('of the first page are loaded at the start, and again if the user asks', async () => {
    const found = { away: true }
    const integration = defineIntegration({
      domain: 'sites',
      title: 'Bridge',
      fields: z.object({ token: secret(), host: address() }),
      choices: {
        host: async () => {
          if (found.away) throw new CannotConnectError()
          return [{ value: 'bridge.local', label: 'Bridge in the hall' }]
        },
      },
      connect: async ({ host: at }) => ({ client: at, uniqueId: at }),
    })
    const { latchkey, submit } = await host(integration)
    const failed = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    const errors = { base: { code: 'cannot_connect' }, '/host': { code: 'no_list' } }
    expect(failed).toMatchObject({ order: ['host'], page: 'host', mayRetry: true, errors })
    expect(failed).toMatchObject({ schema: { properties: { host: { enum: [] } } } })
    expect(await submit(failed, { host: 'other' })).toMatchObject({
      errors: { '/host': { code: 'invalid_value' } },
    })
    found.away = false
    const now = await latchkey.flows.get(failed.flowId)
    const shown = await latchkey.flows.retry(now.flowId, now)
    expect(shown).toMatchObject({ errors: {}, order: ['host'] })
    expect(shown).not.toHaveProperty('mayRetry')
    expect(valuesOf(shown, 'host')).toEqual(['bridge.local'])
    await expect(latchkey.flows.retry(shown.flowId, shown)).rejects.toMatchObject({ code: 'WRONG_STEP' })
    const end = await play(latchkey, shown, { host: 'bridge.local' }, { token: 't' })
    expect(end).toMatchObject({ type: 'create_entry' })
  })

  it('of the first page that has none can be loaded again', async () => {
    const offers: Record<string, string> = {}
    const integration = defineIntegration({
      domain: 'sites',
      title: 'Bridge',
      fields: z.object({
        host: z.string(),
        kind: z
          .string()
          .refine(() => {
            throw new Error('A refinement that throws.')
          })
          .optional(),
      }),
      choices: { host: async () => offers, kind: { broken: 'Broken' } },
      pages: { host: ['host', 'kind'] },
      connect: async ({ host: at }) => ({ client: at, uniqueId: at }),
    })
    const { latchkey } = await host(integration)
    const none = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    expect(none).toMatchObject({ mayRetry: true, errors: { base: { code: 'no_options' } } })
    offers.a = 'A'
    const form = await latchkey.flows.retry(none.flowId, none)
    expect(await play(latchkey, form, { host: 'a' })).toMatchObject({ type: 'create_entry' })
  })

  it('of the first page of a method are loaded when the user selects it', async () => {
    const stored = z.object({ host: z.string() })
    const integration = defineIntegrationWithMethods({
      domain: 'sites',
      title: 'Sites',
      stored,
      methods: {
        found: { title: 'Found', fields: stored, choices: { host: async () => ({ a: 'A' }) } },
        typed: { title: 'Typed', fields: stored },
      },
      connect: async ({ host: at }) => ({ client: at, uniqueId: at }),
    })
    const { latchkey } = await host(integration)
    const menu = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    const form = await latchkey.flows.choose(menu.flowId, 'found', menu)
    expect(form).toMatchObject({ type: 'form', order: ['host'], mayGoBack: true })
    expect(valuesOf(form, 'host')).toEqual(['a'])
    expect(await latchkey.flows.choose(form.flowId, 'a', form)).toMatchObject({ type: 'create_entry' })
  })

  it('include the announced value of a discovery', async () => {
    const integration = defineIntegration({
      domain: 'sites',
      title: 'Bridge',
      fields: z.object({ host: address() }),
      choices: { host: async () => ({ a: 'A' }) },
      connect: async ({ host: at }) => ({ client: at, uniqueId: 'me' }),
    })
    const { latchkey } = await host(integration)
    const discovery = { uniqueId: 'me', values: { host: 'b' } }
    const view = await latchkey.flows.start({ domain: 'sites', source: 'discovery', discovery })
    expect(view).toMatchObject({ step: 'discovery_confirm', values: { host: 'b' } })
    expect(valuesOf(view, 'host')).toEqual(['a', 'b'])
  })

  it.each([
    ['the credential', () => new InvalidAuthError(), { code: 'invalid_auth' }],
    [
      'an input',
      () => new FormError('wrong_pin', { message: 'This PIN is wrong.' }),
      { code: 'wrong_pin', text: 'This PIN is wrong.' },
    ],
  ])('count a refusal of %s before the first page against the budget', async (_, newError, error) => {
    const { integration } = sites({
      reconfigure: { fields: ['site'], sendStoredSecrets: true },
      choices: {
        site: async ({ token }: { token?: { reveal(): string } }) => {
          if (token?.reveal() === 't1' && refuses) throw newError()
          return { s1: 'Home' }
        },
      },
    })
    let refuses = false
    const latchkey = await createLatchkey({
      integrations: [integration],
      store: memoryStore(),
      limits: { attemptsPerEntry: 1 },
    })
    const entryId = await link(latchkey, login, { site: 's1' })
    refuses = true
    const refused = await latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(refused).toMatchObject({ mayRetry: true, errors: { base: error } })
    const blocked = await latchkey.flows.retry(refused.flowId, refused)
    expect(blocked).toMatchObject({ mayRetry: true, errors: { base: { code: 'rate_limited' } } })
    await latchkey.flows.cancel(refused.flowId)
    const again = await latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(again).toMatchObject({ mayRetry: true, errors: { base: { code: 'rate_limited' } } })
    await latchkey.stop()
  })
})

describe('choices that a service does not provide', () => {
  it('have the deadline of connect', async () => {
    const clock = new SimulatedClock()
    const asked = Promise.withResolvers<void>()
    const { integration } = sites({
      choices: {
        site: () => {
          asked.resolve()
          return new Promise(() => {})
        },
      },
    })
    const latchkey = await createLatchkey({ integrations: [integration], store: memoryStore(), clock })
    const form = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    const submitted = latchkey.flows.submit(form.flowId, login, form)
    await asked.promise
    clock.increment(30_000)
    expect(await submitted).toMatchObject({ step: 'user', errors: { base: { code: 'timeout' } } })
    await latchkey.stop()
  })

  it('are unknown if there are more than 500, with one line in the log', async () => {
    const { integration } = sites({
      choices: {
        site: async () =>
          Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`s${at}`, `Site ${at}`])),
      },
    })
    const { latchkey, log } = await host(integration)
    const form = await latchkey.flows.start({ domain: 'sites', source: 'user' })
    expect(await play(latchkey, form, login)).toMatchObject({ errors: { base: { code: 'unknown' } } })
    expect(JSON.stringify(log.lines)).toContain('500')
    await latchkey.stop()
  })
})

describe('choices in the flows of an entry', () => {
  it('follow the fields of a reconfiguration, and keep a stored value that is no longer offered', async () => {
    const { integration, asked, world } = sites()
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's2' })
    world.offers = { s3: 'New' }
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(form).toMatchObject({ order: ['host', 'token', 'extra'], values: { host: 'hub' } })
    const page = await play(latchkey, form, { host: 'hub', token: 't2' })
    // The optional secret stays, because the address has not changed.
    expect(asked.at(-1)).toEqual({ host: 'hub', site: 's2', token: 't2', extra: 'x1' })
    expect(page).toMatchObject({ page: 'site', values: { site: 's2' }, mayGoBack: true })
    expect(valuesOf(page, 'site')).toEqual(['s3', 's2'])
    const back = await latchkey.flows.back(page.flowId, page)
    expect(back).toMatchObject({ order: ['host', 'token', 'extra'] })
    const end = await play(latchkey, back, { host: 'hub', token: 't2' }, { site: 's2' })
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
  })

  it('receive no stored value that its field no longer accepts', async () => {
    const { integration } = sites()
    const { latchkey, store } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's2' })
    await latchkey.stop()
    const newer = sites({ fields: fields.extend({ site: z.enum(['s1']) }) })
    const again = await createLatchkey({
      integrations: [newer.integration],
      store,
      clock: new SimulatedClock(),
    })
    const form = await again.flows.start({ source: 'reconfigure', entryId })
    await play(again, form, { host: 'hub', token: 't2' })
    expect(newer.asked).toEqual([{ host: 'hub', token: 't2', extra: 'x1' }])
    await again.stop()
  })

  it('never receive a stored secret after the address has changed', async () => {
    const { integration, asked } = sites()
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's1' })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    const refused = await play(latchkey, form, { host: 'evil', token: 't2' })
    expect(refused).toMatchObject({ errors: { '/extra': { code: 'enter_again' } } })
    expect(asked).toHaveLength(1)
    const page = await play(latchkey, refused, { host: 'evil', token: 't2', extra: null })
    expect(asked.at(-1)).toEqual({ host: 'evil', site: 's1', token: 't2', extra: undefined })
    expect(await play(latchkey, page, { site: 's1' })).toMatchObject({ reason: 'reconfigure_successful' })
  })

  it('ask for a kept secret again if the last page changes a field that could be an address', async () => {
    const { integration } = sites()
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's1' })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    const page = await play(latchkey, form, { host: 'hub', token: 't2' })
    const refused = await play(latchkey, page, { site: 's2' })
    expect(refused).toMatchObject({ page: 'site', errors: { base: { code: 'enter_again' } } })
    const back = await latchkey.flows.back(refused.flowId, refused)
    const end = await play(latchkey, back, { ...login, token: 't2' }, { site: 's2' })
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
  })

  it('of an address come first in a reconfiguration, without later secrets once it changes', async () => {
    const asked: unknown[] = []
    const { integration } = sites({
      choices: {
        host: async () => ({ hub: 'Hub', other: 'Other' }),
        site: async ({ token }: { token?: { reveal(): string } }) => {
          asked.push(token?.reveal())
          return { s1: 'Home' }
        },
      },
      pages: undefined,
    })
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, { host: 'hub' }, { token: 't1' }, { site: 's1' })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(form).toMatchObject({ page: 'host', values: { host: 'hub' } })
    const end = await play(latchkey, form, { host: 'other' }, { token: 't2' }, { site: 's1' })
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
    expect(asked).toEqual(['t1', 't2'])
  })

  it('follow the secrets of a reauthentication', async () => {
    const { integration, asked } = sites({ reauth: ['token', 'extra', 'site'] })
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's1' })
    const form = await latchkey.entries.requestReauth(entryId)
    expect(form).toMatchObject({ step: 'reauth_confirm', order: ['token', 'extra'] })
    const page = await play(latchkey, form, { token: 't2' })
    expect(asked.at(-1)).toMatchObject({ host: 'hub', token: 't2' })
    expect(page).toMatchObject({ step: 'reauth_confirm', page: 'site', values: { site: 's1' } })
    expect(await play(latchkey, page, { site: 's1' })).toMatchObject({ reason: 'reauth_successful' })
  })

  it('of a replacement receive nothing of the replaced account', async () => {
    const { integration, asked } = sites()
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, login, { site: 's1' })
    const form = await latchkey.flows.start({ source: 'replace', entryId })
    const page = await play(latchkey, form, { host: 'hub', token: 't9' })
    expect(asked.at(-1)).toEqual({ host: 'hub', token: 't9', extra: undefined })
    expect(page).toMatchObject({ step: 'replace', page: 'site' })
    expect(valuesOf(page, 'site')).toEqual(['s1', 's2'])
    expect(await play(latchkey, page, { site: 's2' })).toMatchObject({ reason: 'same_account' })
  })

  it('start a reconfiguration with stored secrets if its only page needs them', async () => {
    const { integration, asked } = sites({
      fields: z.object({ site: z.string(), token: secret() }),
      reauth: ['token'],
      reconfigure: { fields: ['site'], sendStoredSecrets: true },
    })
    const { latchkey } = await host(integration)
    const entryId = await link(latchkey, { token: 't1' }, { site: 's1' })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    expect(form).toMatchObject({ order: ['site'], values: { site: 's1' } })
    expect(asked.at(-1)).toMatchObject({ token: 't1', site: 's1' })
    expect(await play(latchkey, form, { site: 's2' })).toMatchObject({ reason: 'reconfigure_successful' })
  })
})

describe('choices of options and sub-entries', () => {
  const world = {
    calendars: { work: 'Work', home: 'Home' } as Record<string, string>,
    away: false,
    unreachable: false,
    quotes: false,
    answer: null as (() => readonly Choice[]) | null,
  }
  const client = {
    calendars: async (): Promise<Record<string, string> | readonly Choice[]> => {
      if (world.away) throw new CannotConnectError()
      if (world.quotes) throw new FormError('no_calendars', { message: 'Refused the-token.' })
      return world.answer?.() ?? world.calendars
    },
  }
  const calendar = defineIntegration({
    domain: 'calendar',
    title: 'Calendar',
    fields: z.object({ token: secret() }),
    options: z.object({
      interval: z.int().default(5),
      calendar: z.string().optional(),
      color: z.string().optional(),
    }),
    async connect() {
      if (world.unreachable) throw new CannotConnectError()
      return { client, uniqueId: 'me' }
    },
    optionsPages: { first: ['interval', 'calendar'], second: ['color'] },
    optionsChoices: {
      calendar: async (_, context) => context.client.calendars(),
      color: async ({ calendar: of }) => ({ [`${of}-red`]: 'Red' }),
    },
    subentries: {
      feed: {
        title: 'Feed',
        fields: z.object({ calendar: z.string(), name: z.string() }),
        pages: { calendar: ['calendar'], name: ['name'] },
        choices: { calendar: async (_, context) => context.client.calendars() },
        check: async ({ name }) => {
          if (name === 'quotes') throw new Error('Refused the-token.')
          return { title: name, uniqueId: name }
        },
      },
    },
  })
  const linked = async (own: { store: Store; cipher?: Cipher } = { store: memoryStore() }) => {
    Object.assign(world, { calendars: { work: 'Work', home: 'Home' }, away: false, answer: null })
    const { latchkey, log } = await hostOn(own, calendar)
    const form = await latchkey.flows.start({ domain: 'calendar', source: 'user' })
    const entryId = (await play(latchkey, form, { token: 'the-token' })).entryId ?? ''
    return { latchkey, store: own.store, log, entryId }
  }

  it('are loaded over the connection of the entry, page by page', async () => {
    const { latchkey, entryId } = await linked()
    const first = await latchkey.flows.start({ source: 'options', entryId })
    expect(first).toMatchObject({ page: 'first', order: ['interval', 'calendar'], lastStep: false })
    expect(valuesOf(first, 'calendar')).toEqual(['work', 'home'])
    const second = await play(latchkey, first, { interval: 9, calendar: 'home' })
    expect(second).toMatchObject({ page: 'second', order: ['color'], lastStep: true, mayGoBack: true })
    expect(valuesOf(second, 'color')).toEqual(['home-red'])
    const end = await play(latchkey, second, { color: 'home-red' })
    expect(end).toMatchObject({ reason: 'options_successful' })
    expect((await latchkey.entries.get(entryId)).options).toEqual({
      ...{ interval: 9, calendar: 'home', color: 'home-red' },
    })
  })

  it('show the stored value if the entry is not loaded, and the list after another try', async () => {
    const { latchkey, entryId } = await linked()
    const options = await latchkey.flows.start({ source: 'options', entryId })
    await play(latchkey, options, { interval: 9, calendar: 'home' }, {})
    world.away = true
    const form = await latchkey.flows.start({ source: 'options', entryId })
    const errors = { base: { code: 'cannot_connect' }, '/calendar': { code: 'no_list' } }
    expect(form).toMatchObject({ mayRetry: true, values: { calendar: 'home' }, errors })
    expect(valuesOf(form, 'calendar')).toEqual(['home'])
    world.away = false
    const shown = await latchkey.flows.retry(form.flowId, form)
    expect(valuesOf(shown, 'calendar')).toEqual(['work', 'home'])
    expect(await play(latchkey, shown, { interval: 7, calendar: 'home' }, {})).toMatchObject({
      reason: 'options_successful',
    })
  })

  it('quote no secret of the entry, in a text or in the log', async () => {
    const { latchkey, entryId, log } = await linked()
    world.quotes = true
    const form = await latchkey.flows.start({ source: 'options', entryId })
    expect(form).toMatchObject({ errors: { base: { code: 'no_calendars', text: 'Refused [secret].' } } })
    const feed = await latchkey.flows.start({ source: 'subentry', entryId, type: 'feed' })
    world.quotes = false
    const named = await play(latchkey, await latchkey.flows.retry(feed.flowId, feed), { calendar: 'work' })
    const refused = await play(latchkey, named, { name: 'quotes' })
    expect(refused).toMatchObject({ errors: { base: { code: 'unknown' } } })
    expect(log.messages).toContain('A call of the integration failed.')
    expect(JSON.stringify([refused, log.lines])).not.toContain('the-token')
  })

  it('have no secret of the entry in their labels', async () => {
    const { latchkey, entryId, store, log } = await linked()
    const label = 'https://calendar.example/?key=the-token'
    world.answer = () => [{ value: 'work', label, description: 'Key: the-token' }]
    const form = await latchkey.flows.start({ source: 'options', entryId })
    expect(choicesIn(form, 'calendar')).toEqual([
      { const: 'work', title: 'https://calendar.example/?key=[secret]', description: 'Key: [secret]' },
    ])
    const flow = await store.getFlow('default', form.flowId)
    expect(JSON.stringify(flow?.context)).toContain('calendar.example')
    expect(JSON.stringify([flow?.context, log.lines])).not.toContain('the-token')
  })

  it.each(['https://calendar.example/?key=the-token', 'the%2Dtoken the-token'])(
    'are not shown if a value is one of the secrets of the entry: %s',
    async (value) => {
      const { latchkey, entryId, store, log } = await linked()
      world.calendars = { [value]: 'Work' }
      const form = await latchkey.flows.start({ source: 'options', entryId })
      expect(form).toMatchObject({ errors: { base: { code: 'unknown' }, '/calendar': { code: 'no_list' } } })
      expect(log.lines).toHaveLength(1)
      expect(log.lines[0]?.fields.error?.message).toMatch(
        'The choices of "calendar" have a value that contains',
      )
      const flow = await store.getFlow('default', form.flowId)
      expect(JSON.stringify([form, flow?.context, log.lines])).not.toContain('the-token')
    },
  )

  it('are shown without labels if the secrets of the entry cannot be read', async () => {
    const store = new TamperedStore()
    const { latchkey, entryId, log } = await linked({ store, cipher: plainCipher() })
    world.answer = () => {
      store.onEntry = async () => {
        store.onEntry = async (entry) => entry
        throw new StoreError('The store is away.')
      }
      return [{ value: 'work', label: 'Work', description: 'the-token' }]
    }
    const form = await latchkey.flows.start({ source: 'options', entryId })
    expect(choicesIn(form, 'calendar')).toEqual([{ const: 'work', title: 'work' }])
    expect(log.messages).toEqual([
      'The secrets of an entry could not be read. Texts of its integration are withheld.',
    ])
  })

  it('show that the entry has no connection', async () => {
    const { latchkey, entryId } = await linked()
    world.unreachable = true
    await latchkey.entries.reload(entryId)
    const form = await latchkey.flows.start({ source: 'options', entryId })
    expect(form).toMatchObject({ mayRetry: true, errors: { base: { code: 'entry_not_loaded' } } })
    world.unreachable = false
  })

  it('receive no stored option that the integration has removed', async () => {
    const { store, latchkey, entryId } = await linked()
    const options = await latchkey.flows.start({ source: 'options', entryId })
    await play(latchkey, options, { interval: 9, calendar: 'home' }, {})
    await latchkey.stop()
    const asked: unknown[] = []
    const newer = defineIntegration({
      domain: 'calendar',
      title: 'Calendar',
      fields: z.object({ token: secret() }),
      options: z.object({ calendar: z.string().optional() }),
      connect: async () => ({ client, uniqueId: 'me' }),
      optionsChoices: {
        calendar: async (values) => {
          asked.push(values)
          return { work: 'Work' }
        },
      },
    })
    const again = await createLatchkey({ integrations: [newer], store, clock: new SimulatedClock() })
    await again.start()
    const form = await again.flows.start({ source: 'options', entryId })
    expect(valuesOf(form, 'calendar')).toEqual(['work', 'home'])
    expect(asked).toEqual([{ calendar: 'home' }])
    await again.stop()
  })

  it('lead through the pages of a sub-entry, and back', async () => {
    const { latchkey, entryId } = await linked()
    const first = await latchkey.flows.start({ source: 'subentry', entryId, type: 'feed' })
    expect(first).toMatchObject({ step: 'add_subentry', page: 'calendar', order: ['calendar'] })
    const second = await play(latchkey, first, { calendar: 'work' })
    expect(second).toMatchObject({ step: 'add_subentry', page: 'name', order: ['name'], mayGoBack: true })
    const back = await latchkey.flows.back(second.flowId, second)
    expect(valuesOf(back, 'calendar')).toEqual(['work', 'home'])
    const end = await play(latchkey, back, { calendar: 'home' }, { name: 'Ours' })
    expect(end).toMatchObject({ type: 'create_entry' })
    const [feed] = (await latchkey.entries.get(entryId)).subentries
    world.calendars = {}
    const change = await latchkey.flows.start({
      source: 'subentry',
      entryId,
      subentryId: feed?.subentryId ?? '',
    })
    expect(change).toMatchObject({ step: 'change_subentry', page: 'calendar', values: { calendar: 'home' } })
    expect(valuesOf(change, 'calendar')).toEqual(['home'])
    expect(await play(latchkey, change, { calendar: 'home' }, { name: 'Mine' })).toMatchObject({
      reason: 'reconfigure_successful',
    })
  })
})

describe('invalid choices', () => {
  const text = z.string()
  it.each([
    ['name "planet", which is not one of the fields', { planet: { a: 'A' } }],
    ['"token" belong to a secret', { token: { a: 'A' } }],
    ['"count" have a value that is not a number', { count: { a: 'A' } }],
    ['"count" have a value that is not a number', { count: { '': 'A' } }],
    ['"count" have a value that is not a number', { count: [{ value: '5', label: 'Five' }] }],
    ['"count" have a value that is not a number', { count: [{ value: Number.NaN, label: 'None' }] }],
    ['"count" have the value 7.5, which the field rejects', { count: { 7.5: 'More' } }],
    ['"fast" have a value that is not a boolean', { fast: { yes: 'Yes' } }],
    ['"plan" are empty', { plan: {} }],
    [
      '"plan" have a value twice',
      {
        plan: [
          { value: 'a', label: 'A' },
          { value: 'a', label: 'B' },
        ],
      },
    ],
    ['"plan" are neither a list nor an object', { plan: 'a' }],
    ['"plan" have a value that is not a text', { plan: [{ value: '', label: 'A' }] }],
    ['"plan" have a value that is not a text', { plan: ['a'] }],
    [
      '"plan" exceed 500',
      { plan: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`v${i}`, 'x'])) },
    ],
    ['"kind" have the value "c", which the field rejects', { kind: { c: 'C' } }],
  ])('are refused at start: %s', async (mistake, choices) => {
    const integration = {
      domain: 'plans',
      title: 'Plans',
      fields: z.object({
        plan: text,
        kind: z.enum(['a', 'b']),
        count: z.int(),
        fast: z.boolean(),
        token: secret(),
      }),
      choices: choices as never,
      connect: async () => ({ client: null, uniqueId: 'me' }),
    }
    await expect(host(integration)).rejects.toThrow(mistake)
  })

  it.each<[string, z.ZodType]>([
    ['texts and numbers', z.literal(['all', 10])],
    ['a list', z.array(z.string())],
    ['a list or nothing', z.array(z.string()).nullable()],
    ['a combination', z.number().and(z.number().positive())],
  ])('are refused at start for %s, with the integration and the field', async (_, plan) => {
    for (const choices of [{ a: 'A' }, async () => ({ a: 'A' })]) {
      const integration = {
        domain: 'plans',
        title: 'Plans',
        fields: z.object({ plan }),
        choices: { plan: choices } as never,
        connect: async () => ({ client: null, uniqueId: 'me' }),
      }
      const message = expect.stringContaining(
        'Integration "plans": the choices of "plan" belong to a field that',
      )
      await expect(host(integration)).rejects.toMatchObject({ code: 'INTEGRATION', message })
    }
  })
})
