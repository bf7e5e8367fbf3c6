import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import {
  CannotConnectError,
  createLatchkey,
  defineIntegration,
  defineIntegrationWithMethods,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  secret,
  type View,
} from '../../../src/index.ts'
import { FailingStore, fullDisk, SimulatedClock } from '../../../src/testing/index.ts'

const fields = z.object({
  host: z.string().min(2),
  username: z.string(),
  password: secret(),
  site: z.string(),
  note: z.string().optional(),
})
type Values = Partial<z.output<typeof fields>>

/** A service with sites. Its pages ask for the host, then for the login, then for the site. */
function sites() {
  const asked: Values[] = []
  const connected: Values[] = []
  const answers: (() => Record<string, string>)[] = []
  const integration = defineIntegration({
    domain: 'sites',
    title: 'Sites',
    fields,
    reauth: ['password'],
    pages: {
      place: ['host', 'note'],
      login: ['username', 'password'],
      site: ['site'],
    },
    choices: {
      site: async (values) => {
        asked.push(values)
        return (answers.shift() ?? (() => ({ s1: 'Home', s2: 'Office' })))()
      },
    },
    async connect(values) {
      connected.push(values)
      if (values.password.reveal() !== 'good') throw new InvalidAuthError()
      return { client: values.site, uniqueId: `${values.username}@${values.site}` }
    },
  })
  return { asked, connected, answers, integration }
}

const planFields = z.object({ username: z.string(), password: secret(), plan: z.string() })

const ofPlans = {
  domain: 'plans',
  title: 'Plans',
  fields: planFields,
  challenges: { otp: z.object({ code: z.string() }) },
  choices: { plan: async () => ({ free: 'Free', paid: 'Paid' }) },
}

/** A service whose plans depend on the login. It asks for a code before each login. */
const plans = () =>
  defineIntegration({
    ...ofPlans,
    connect: async ({ username }, { challenge }) =>
      challenge === undefined ? { challenge: 'otp' } : { client: null, uniqueId: username },
  })

/** The service of `plans`, which exchanges the login for a token. */
const exchangedPlans = () =>
  defineIntegration({
    ...ofPlans,
    stored: z.object({ username: z.string(), plan: z.string(), token: secret() }),
    exchange: async ({ username, plan }, { challenge }) =>
      challenge === undefined ? { challenge: 'otp' } : { username, plan, token: 'the-token' },
    connect: async ({ username }) => ({ client: null, uniqueId: username }),
  })

async function host(integrations: Parameters<typeof createLatchkey>[0]['integrations']) {
  const store = memoryStore()
  const clock = new SimulatedClock()
  return { store, clock, latchkey: await createLatchkey({ integrations, store, clock }) }
}

const answer = (latchkey: Latchkey, view: View, with_: object | string): Promise<View> =>
  typeof with_ === 'string'
    ? latchkey.flows.choose(view.flowId, with_, view)
    : latchkey.flows.submit(view.flowId, with_, view)

/** Answers one step after the other. */
async function play(latchkey: Latchkey, domain: string, ...answers: (object | string)[]): Promise<View> {
  let view = await latchkey.flows.start({ domain, source: 'user' })
  for (const each of answers) view = await answer(latchkey, view, each)
  return view
}

/** The choices of a field, as the form has them. */
const choicesIn = (view: View, field: string) =>
  view.type === 'form' ? view.schema.properties[field]?.oneOf : undefined

const place = { host: 'hub', note: 'upstairs' }
const login = { username: 'ada', password: 'good' }

describe('a form of several pages', () => {
  it('asks page by page, then for what the service offers, and saves all of it', async () => {
    const { integration, asked } = sites()
    const { latchkey } = await host([integration])
    const first = await play(latchkey, 'sites')
    expect(first).toMatchObject({ type: 'form', step: 'user', page: 'place', order: ['host', 'note'] })
    expect(first).toMatchObject({ lastStep: false, mayGoBack: false, position: { page: 1, pages: 3 } })
    const second = await answer(latchkey, first, place)
    expect(second).toMatchObject({ page: 'login', order: ['username', 'password'], mayGoBack: true })
    expect(second).toMatchObject({ values: {}, lastStep: false })
    const menu = await answer(latchkey, second, login)
    expect(menu).toMatchObject({ type: 'form', step: 'user', page: 'site', order: ['site'], mayGoBack: true })
    expect(menu).toMatchObject({ lastStep: true, values: {}, position: { page: 3, pages: 3 } })
    expect(choicesIn(menu, 'site')).toEqual([
      { const: 's1', title: 'Home' },
      { const: 's2', title: 'Office' },
    ])
    expect(asked[0]).toMatchObject({ host: 'hub', username: 'ada' })
    expect(asked[0]?.password?.reveal()).toBe('good')
    const end = await answer(latchkey, menu, { site: 's2' })
    expect(end).toMatchObject({ type: 'create_entry' })
    const used = await latchkey.entries.use(integration, end.entryId ?? '', (site) => site)
    expect(used).toBe('s2')
  })

  it('keeps the input encrypted over a restart, and shows it again after back', async () => {
    const { integration } = sites()
    const { latchkey, store, clock } = await host([integration])
    const menu = await play(latchkey, 'sites', place, login)
    const row = JSON.stringify(await store.getFlow('default', menu.flowId))
    expect(row).toContain('upstairs')
    expect(row).not.toContain('good')
    await latchkey.stop()
    const again = await createLatchkey({ integrations: [integration], store, clock })
    const back = await again.flows.back(menu.flowId, menu)
    expect(back).toMatchObject({ page: 'login', values: { username: 'ada' } })
    const first = await again.flows.back(menu.flowId, back)
    expect(first).toMatchObject({ page: 'place', values: { host: 'hub', note: 'upstairs' } })
    const next = await answer(again, first, { host: 'hub-2' })
    const end = await answer(again, await answer(again, next, login), 's1')
    const entry = await store.getEntry('default', end.entryId ?? '')
    // The field that was left empty on the second attempt was removed.
    expect(entry?.data).toEqual({ host: 'hub-2', username: 'ada', site: 's1' })
  })

  it('shows a mistake on its own page, and asks the service nothing', async () => {
    const { integration, asked } = sites()
    const { latchkey } = await host([integration])
    const wrong = await play(latchkey, 'sites', { host: 'x' })
    expect(wrong).toMatchObject({ page: 'place', errors: { '/host': { code: 'too_small' } } })
    expect(asked).toEqual([])
  })

  it('stays on the last page where the try fails, and tries again with the rest as it was', async () => {
    const { integration, connected } = sites()
    const { latchkey } = await host([integration])
    const failed = await play(latchkey, 'sites', place, { ...login, password: 'bad' }, 's1')
    expect(failed).toMatchObject({ type: 'form', page: 'site', errors: { base: { code: 'invalid_auth' } } })
    expect(choicesIn(failed, 'site')).toHaveLength(2)
    const back = await latchkey.flows.back(failed.flowId, failed)
    const end = await answer(latchkey, await answer(latchkey, back, login), 's1')
    expect(end).toMatchObject({ type: 'create_entry' })
    expect(connected.map(({ host: at, note }) => [at, note])).toEqual(Array(2).fill(['hub', 'upstairs']))
  })

  it.each<[string, () => Record<string, string>, string]>([
    [
      'cannot be reached',
      () => {
        throw new CannotConnectError()
      },
      'cannot_connect',
    ],
    [
      'refuses',
      () => {
        throw new InvalidAuthError()
      },
      'invalid_auth',
    ],
    ['has nothing', () => ({}), 'no_options'],
    ['answers nonsense', () => null as never, 'unknown'],
    ['has a value that is empty', () => ({ '': 'Nothing' }), 'unknown'],
    [
      'has far too many',
      () => Object.fromEntries(Array.from({ length: 501 }, (_, i) => [i, 'x'])),
      'unknown',
    ],
  ])('stays on the page before the choices where the service %s', async (_, offers, code) => {
    const { integration, answers } = sites()
    answers.push(offers)
    const { latchkey } = await host([integration])
    const failed = await play(latchkey, 'sites', place, login)
    expect(failed).toMatchObject({ type: 'form', page: 'login', errors: { base: { code } } })
    const menu = await answer(latchkey, failed, login)
    expect(menu).toMatchObject({ type: 'form', page: 'site', errors: {} })
  })

  it('counts a refusal by a menu against the budget, but no page without a login', async () => {
    const { integration, answers } = sites()
    const { latchkey } = await host([integration])
    const limited = await createLatchkey({
      integrations: [integration],
      store: memoryStore(),
      limits: { attemptsPerDomain: 1 },
    })
    answers.push(() => {
      throw new InvalidAuthError()
    })
    const failed = await play(limited, 'sites', place, login)
    const blocked = await answer(limited, failed, login)
    expect(blocked).toMatchObject({ page: 'login', errors: { base: { code: 'rate_limited' } } })
    expect(await play(limited, 'sites', place)).toMatchObject({ page: 'login', errors: {} })
    await latchkey.stop()
  })

  it('starts over with an error after the input has been kept for ten minutes', async () => {
    const { integration } = sites()
    const { latchkey, clock } = await host([integration])
    const second = await play(latchkey, 'sites', place)
    clock.increment(10 * 60_000)
    const late = answer(latchkey, second, login)
    await expect(late).rejects.toMatchObject({
      code: 'STALE_REVISION',
      view: { page: 'place', errors: { base: { code: 'expired' } } },
    })
  })

  it.each([
    ['values', plans],
    ['exchanged values', exchangedPlans],
  ])('keeps its input if the %s cannot be saved', async (_, define) => {
    const store = new FailingStore(memoryStore())
    const latchkey = await createLatchkey({ integrations: [define()], store })
    const page = await play(latchkey, 'plans', login)
    const confirmed = await answer(latchkey, page, 'paid')
    store.before('apply', 1, fullDisk)
    const failed = await answer(latchkey, confirmed, { code: '1234' })
    expect(failed).toMatchObject({ page: 'plan', errors: { base: { code: 'unknown' } } })
    const end = await answer(latchkey, await answer(latchkey, failed, 'free'), { code: '1234' })
    expect(end).toMatchObject({ type: 'create_entry' })

    const { entryId } = end
    let view = await latchkey.flows.start({ source: 'replace', entryId: entryId ?? '' })
    for (const each of [{ ...login, username: 'bob' }, { plan: 'paid' }, { code: '1234' }])
      view = await answer(latchkey, view, each)
    store.before('apply', 1, fullDisk)
    view = await answer(latchkey, view, 'replace')
    expect(view).toMatchObject({ page: 'plan', errors: { base: { code: 'unknown' } } })
    for (const each of [{ plan: 'free' }, { code: '1234' }, 'replace'])
      view = await answer(latchkey, view, each)
    expect(view).toMatchObject({ reason: 'replace_successful' })
    await latchkey.stop()
  })

  it('may have a page of choices before the last one', async () => {
    const integration = defineIntegration({
      domain: 'plans',
      title: 'Plans',
      fields: z.object({ plan: z.string(), token: secret() }),
      pages: { plan: ['plan'], login: ['token'] },
      choices: { plan: { free: 'Free', paid: 'Paid' } },
      connect: async ({ plan, token }) => ({ client: null, uniqueId: `${plan} ${token.reveal()}` }),
    })
    const { latchkey } = await host([integration])
    const end = await play(latchkey, 'plans', 'paid', { token: 'good' })
    expect(await latchkey.entries.get(end.entryId ?? '')).toMatchObject({ uniqueId: 'paid good' })
  })

  it('refuses an option that the menu does not offer, and a choice at a form', async () => {
    const { integration } = sites()
    const { latchkey } = await host([integration])
    const menu = await play(latchkey, 'sites', place, login)
    await expect(answer(latchkey, menu, 's3')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      pointers: ['/choice'],
    })
    const other = await answer(latchkey, menu, { site: 's3' })
    expect(other).toMatchObject({ page: 'site', errors: { '/site': { code: 'invalid_value' } } })
    const form = await play(latchkey, 'sites')
    await expect(answer(latchkey, form, 's1')).rejects.toMatchObject({ code: 'WRONG_STEP' })
    await expect(latchkey.flows.back(form.flowId, form)).rejects.toMatchObject({ code: 'WRONG_STEP' })
  })

  it('shows a schema-wide rule that a choice breaks', async () => {
    const strict = defineIntegration({
      domain: 'strict',
      title: 'Strict',
      fields: z
        .object({ kind: z.string(), token: secret() })
        .refine(({ kind }) => kind !== 'b', { params: { code: 'invalid_value' } }),
      pages: { login: ['token'], kind: ['kind'] },
      choices: { kind: { a: 'A', b: 'B' } },
      connect: async () => ({ client: null, uniqueId: 'me' }),
    })
    const { latchkey } = await host([strict])
    const refused = await play(latchkey, 'strict', { token: 't' }, 'b')
    expect(refused).toMatchObject({ page: 'kind', errors: { base: { code: 'invalid_value' } } })
    expect(await answer(latchkey, refused, 'a')).toMatchObject({ type: 'create_entry' })
  })

  it('fails if the integration no longer has the page of the flow', async () => {
    const { integration } = sites()
    const { latchkey, store, clock } = await host([integration])
    const menu = await play(latchkey, 'sites', place, login)
    const { pages: _, ...without } = integration
    const changed = await createLatchkey({ integrations: [without], store, clock })
    await expect(changed.flows.get(menu.flowId)).rejects.toMatchObject({ code: 'UNREADABLE_RECORD' })
    expect(await changed.flows.cancel(menu.flowId)).toMatchObject({ reason: 'cancelled' })
    await latchkey.stop()
  })

  it.each([
    ['no page has the fields', { place: ['host'] }],
    ['on two pages', { a: ['host', 'token'], b: ['host'] }],
    ['not a field', { a: ['host', 'token', 'port'] }],
    ['a secret', { a: ['host'], b: { menu: 'token', options: {} } }],
  ])('is refused at start where its pages %s', async (mistake, pages) => {
    const integration = {
      domain: 'hub',
      title: 'Hub',
      fields: z.object({ host: z.string(), token: secret() }),
      pages,
      connect: async () => ({ client: null, uniqueId: 'me' }),
    }
    await expect(host([integration])).rejects.toThrow(new RegExp(`Integration "hub": .*${mistake}`))
  })
})

describe('an integration with methods', () => {
  const stored = z.object({ token: secret() })
  const exchanged: string[] = []
  const several = defineIntegrationWithMethods({
    domain: 'several',
    title: 'Several',
    stored,
    methods: {
      password: {
        title: 'User name and password',
        fields: z.object({ username: z.string(), password: secret() }),
        reauth: ['username', 'password'],
        reconfigure: ['username', 'password'],
        async exchange({ username, password }) {
          exchanged.push(username)
          if (password.reveal() !== 'good') throw new InvalidAuthError()
          return { token: `token of ${username}` }
        },
      },
      token: { title: 'API token', fields: stored },
    },
    async connect({ token }) {
      return { client: token.reveal(), uniqueId: token.reveal() }
    },
  })

  it('begins with a menu of them, and goes back to it', async () => {
    const { latchkey } = await host([several])
    const menu = await play(latchkey, 'several')
    const options = [
      { value: 'password', label: 'User name and password' },
      { value: 'token', label: 'API token' },
    ]
    expect(menu).toMatchObject({ type: 'menu', step: 'pick_method', options, mayGoBack: false })
    const form = await answer(latchkey, menu, 'token')
    expect(form).toMatchObject({ type: 'form', step: 'user', order: ['token'], mayGoBack: true })
    const back = await latchkey.flows.back(menu.flowId, form)
    expect(back).toMatchObject({ type: 'menu', step: 'pick_method' })
    await expect(answer(latchkey, back, 'magic')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(answer(latchkey, back, {})).rejects.toMatchObject({ code: 'WRONG_STEP' })
  })

  it('exchanges by the method of the flow, and repairs an entry by its method', async () => {
    const { latchkey, store } = await host([several])
    const ada = { username: 'ada', password: 'good' }
    const { entryId } = await play(latchkey, 'several', 'password', ada)
    expect(await store.getEntry('default', entryId ?? '')).toMatchObject({ method: 'password', data: {} })
    const reauth = await latchkey.entries.requestReauth(entryId ?? '')
    expect(reauth).toMatchObject({
      step: 'reauth_confirm',
      order: ['username', 'password'],
      mayGoBack: false,
    })
    const refused = await answer(latchkey, reauth, { username: 'ada', password: 'bad' })
    expect(refused).toMatchObject({ errors: { base: { code: 'invalid_auth' } } })
    const other = await answer(latchkey, refused, { username: 'bob', password: 'good' })
    expect(other).toMatchObject({ reason: 'wrong_account' })
    const again = await latchkey.flows.start({ source: 'reauth', entryId: entryId ?? '' })
    expect(await answer(latchkey, again, ada)).toMatchObject({ reason: 'reauth_successful' })
    expect(exchanged.at(-1)).toBe('ada')

    const by = await play(latchkey, 'several', 'token', { token: 'plain' })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId: by.entryId ?? '' })
    expect(form).toMatchObject({ order: ['token'] })
    expect(await answer(latchkey, form, { token: 'plain' })).toMatchObject({
      reason: 'reconfigure_successful',
    })
  })

  it('is refused at start without fields', async () => {
    const none = { domain: 'none', title: 'None', connect: async () => ({ client: null, uniqueId: 'me' }) }
    await expect(host([none])).rejects.toThrow('Integration "none": fields are missing.')
  })
})
