import * as z from 'zod'
import {
  type AnyIntegration,
  type ClientOf,
  createLatchkey,
  defineIntegration,
  defineIntegrationWithMethods,
  type Latchkey,
  memoryStore,
  type Secret,
  secret,
  type View,
} from '../../src/index.ts'

interface Client {
  status(): Promise<'on' | 'off'>
}

const hub = defineIntegration({
  domain: 'hub',
  title: 'Hub',
  fields: z.object({ host: z.string(), port: z.number().optional(), token: secret() }),
  challenges: { otp: z.object({ code: secret() }), pick: z.object({ site: z.string() }) },
  reauth: ['token'],
  connect: async ({ host, port, token }, { challenge, signal, lost }) => {
    // The values are inferred from the fields.
    host satisfies string
    port satisfies number | undefined
    token satisfies Secret
    // @ts-expect-error: a secret is not a string
    token satisfies string
    signal satisfies AbortSignal
    lost(new Error('dropped'))
    // The answer to a challenge is distinguished by its name.
    if (challenge?.name === 'otp') challenge.values.code satisfies Secret
    if (challenge?.name === 'pick') challenge.values.site satisfies string
    // @ts-expect-error: the challenge is not declared
    if (challenge?.name === 'sms') return { challenge: 'otp' }
    if (challenge === undefined) return { challenge: 'otp', state: { nonce: 1 } }
    const client: Client = { status: async () => 'on' }
    return { client, uniqueId: 'one', dispose: () => {} }
  },
})

// The client is inferred from the result of connect.
declare const client: ClientOf<typeof hub>
client.status() satisfies Promise<'on' | 'off'>
// @ts-expect-error: the client does not have this method
client.reboot()

hub satisfies AnyIntegration

// Sub-entries are typed by their fields, and their client by connect, which is declared before them.
const weather = defineIntegration({
  domain: 'weather',
  title: 'Weather',
  fields: z.object({ key: secret() }),
  options: z.object({ unit: z.string().default('C') }),
  connect: async ({ key }, { subentries, options }) => {
    options.unit satisfies string
    for (const under of subentries) {
      under.title satisfies string
      if (under.type === 'place') under.values.city satisfies string
      if (under.type === 'feed') under.values.pin satisfies Secret
      // @ts-expect-error: the type is not declared
      if (under.type === 'lamp') continue
    }
    return { client: { look: async (city: string) => `${city} ${key}` }, uniqueId: 'one' }
  },
  subentries: {
    place: {
      title: 'Place',
      fields: z.object({ city: z.string() }),
      reconfigure: ['city'],
      check: async ({ city }, { client, signal }) => {
        signal satisfies AbortSignal
        // @ts-expect-error: the client does not have this method
        client.find(city)
        const title = await client.look(city)
        return title === '' ? { error: 'no_such_place', field: 'city' } : { title, uniqueId: city }
      },
    },
    feed: {
      title: 'Feed',
      fields: z.object({ pin: secret() }),
      name: ({ pin }) => {
        // @ts-expect-error: a secret is not a string
        pin satisfies string
        return { title: 'Feed' }
      },
    },
  },
  texts: { de: { step: { place: { data: { city: 'Ort' } } }, subentries: { place: 'Ort', feed: 'Feed' } } },
})
weather satisfies AnyIntegration

defineIntegration({
  domain: 'weather',
  title: 'Weather',
  fields: z.object({ key: secret() }),
  connect: async (_, { subentries }) => {
    subentries satisfies readonly never[]
    return { client: null, uniqueId: null }
  },
})

defineIntegration({
  domain: 'weather',
  title: 'Weather',
  fields: z.object({ key: secret() }),
  connect: async () => ({ client: null, uniqueId: null }),
  subentries: {
    place: {
      title: 'Place',
      fields: z.object({ city: z.string() }),
      // @ts-expect-error: not one of its fields
      reconfigure: ['town'],
      name: ({ city }) => ({ title: city }),
    },
  },
})

const account = defineIntegration({
  domain: 'account',
  title: 'Account',
  fields: z.object({ email: z.string(), password: secret() }),
  stored: z.object({ email: z.string(), token: secret() }),
  challenges: { otp: z.object({ code: secret() }) },
  // The user's input is passed to exchange, and its result to connect.
  exchange: async ({ email, password }, { challenge, fetch }) => {
    password satisfies Secret
    fetch satisfies typeof globalThis.fetch
    if (challenge === undefined) return { challenge: 'otp' }
    return { email, token: challenge.values.code.reveal() }
  },
  connect: async ({ token }, { stored }) => {
    token satisfies Secret
    const now = await stored()
    now.token satisfies Secret
    // @ts-expect-error: the input is not stored
    now.password
    return { client: token.reveal(), uniqueId: null }
  },
})
account satisfies AnyIntegration

defineIntegration({
  domain: 'account',
  title: 'Account',
  fields: z.object({ password: secret() }),
  stored: z.object({ token: secret() }),
  // @ts-expect-error: exchange must return the stored fields
  exchange: async () => ({ tocken: 'a' }),
  connect: async () => ({ client: null, uniqueId: null }),
})

defineIntegration({
  domain: 'hub',
  title: 'Hub',
  fields: z.object({ host: z.string() }),
  // @ts-expect-error: a reauthentication can only use existing fields
  reauth: ['pasword'],
  connect: async () => ({ client: null, uniqueId: null }),
})

defineIntegration({
  domain: 'hub',
  title: 'Hub',
  fields: z.object({ host: z.string() }),
  reconfigure: { fields: ['host'], sendStoredSecrets: true },
  connect: async () => ({ client: null, uniqueId: null }),
})

defineIntegration({
  domain: 'hub',
  title: 'Hub',
  fields: z.object({ host: z.string() }),
  // @ts-expect-error: the opt-out must be explicit
  reconfigure: { fields: ['host'], sendStoredSecrets: false },
  connect: async () => ({ client: null, uniqueId: null }),
})

defineIntegration({
  domain: 'hub',
  title: 'Hub',
  fields: z.object({ host: z.string() }),
  // @ts-expect-error: a unique id is a string or null
  connect: async () => ({ client: null, uniqueId: 7 }),
})

const latchkey = await createLatchkey({ integrations: [hub], store: memoryStore() })

latchkey.entries.use(hub, 'entry', (it) => it.status()) satisfies Promise<'on' | 'off'>
latchkey.entries.use(hub, 'entry', (_, { signal }) => signal.aborted) satisfies Promise<boolean>
// @ts-expect-error: the client does not have this method
latchkey.entries.use(hub, 'entry', (it) => it.reboot())
latchkey.entries.use(hub, 'entry', () => 1, { timeout: 5, waitForReauth: true }) satisfies Promise<number>

latchkey.flows.start({ domain: 'hub', source: 'user' }) satisfies Promise<View>
latchkey.flows.start({
  domain: 'hub',
  source: 'discovery',
  discovery: { uniqueId: 'a', values: { host: 'h' } },
}) satisfies Promise<View>
latchkey.flows.start({ domain: 'hub', source: 'import', input: {} }) satisfies Promise<View>
// @ts-expect-error: the source does not exist
latchkey.flows.start({ domain: 'hub', source: 'rumour' })
latchkey.flows.start({
  domain: 'hub',
  source: 'discovery',
  discovery: { values: { host: 'h' } },
}) satisfies Promise<View>
// @ts-expect-error: a discovery needs its values
latchkey.flows.start({ domain: 'hub', source: 'discovery', discovery: { uniqueId: 'a' } })
latchkey.flows.submit('flow', {}, { revision: 1 }) satisfies Promise<View>
// @ts-expect-error: a submit needs the revision of the form
latchkey.flows.submit('flow', {})

latchkey.scope('acme').on('entry_state_changed', ({ from, to, reason }) => {
  from satisfies string
  to satisfies string
  reason satisfies string | null
})
// @ts-expect-error: the event does not exist
latchkey.on('entry_exploded', () => {})

declare const view: View
if (view.type === 'form') view.errors satisfies Readonly<Record<string, { code: string; text: string }>>
if (view.type === 'create_entry') view.entryId satisfies string
if (view.type === 'abort') view.success satisfies boolean
// @ts-expect-error: only a form has errors
view.errors satisfies object

latchkey satisfies Latchkey

// A host with tenants has no calls without a scope.
const tenants = await createLatchkey({ integrations: [hub], store: memoryStore(), scopes: true })
tenants.scope('acme').entries satisfies Latchkey['entries']
tenants.scopes({ limit: 1 }) satisfies Promise<{ items: readonly string[] }>
// @ts-expect-error: the scope is missing
tenants.entries

// The options of an integration with methods are typed.
const withMethods = defineIntegrationWithMethods({
  domain: 'with_methods',
  title: 'With methods',
  stored: z.object({ token: secret() }),
  methods: { token: { title: 'Token', fields: z.object({ token: secret() }) } },
  options: z.object({ interval: z.int().default(60) }),
  connect: async ({ token }, { options }) => {
    token satisfies Secret
    options.interval satisfies number
    // @ts-expect-error: unknown option
    options.intervall
    return { client: { every: options.interval }, uniqueId: 'a' }
  },
})
declare const latchkeyOfMethods: Latchkey
await latchkeyOfMethods.entries.use(withMethods, 'entry', (client, { options }) => {
  client.every satisfies number
  options.interval satisfies number
})

// A wrong result of connect is one error, at connect.
defineIntegration({
  domain: 'wrong',
  title: 'Wrong',
  fields: z.object({ token: secret() }),
  // @ts-expect-error: a unique id is text
  connect: async ({ token }) => ({ client: { token }, uniqueId: 7 }),
})
defineIntegrationWithMethods({
  domain: 'wrong',
  title: 'Wrong',
  stored: z.object({ token: secret() }),
  methods: { token: { title: 'Token', fields: z.object({ token: secret() }) } },
  // @ts-expect-error: the client is missing
  connect: async () => ({ uniqueId: 'a' }),
})
