import {
  createLatchkey,
  type Discovery,
  type Latchkey,
  memoryStore,
  ReauthRequiredError,
  StaleRevisionError,
  type View,
} from '../../src/index.ts'
import { weather } from '../integrations/weather.ts'

export async function create(): Promise<Latchkey> {
  // #region create
  const latchkey = await createLatchkey({
    integrations: [weather],
    store: memoryStore(), // or sqliteStore('latchkey.db') of latchkey/sqlite
    log: console, // or a pino logger
  })
  await latchkey.start()
  // #endregion
  return latchkey
}

export async function link(latchkey: Latchkey, apiKey: string, show: (view: View) => void): Promise<View> {
  // #region flow
  const principal = 'alice' // who acts; for limits and the history
  const form = await latchkey.flows.start({ domain: 'weather', source: 'user' }, { principal })
  show(form)
  try {
    return await latchkey.flows.submit(form.flowId, { apiKey }, { revision: form.revision, principal })
  } catch (error) {
    if (!(error instanceof StaleRevisionError)) throw error
    show(error.view) // another window has submitted this form
    throw error
  }
  // #endregion
}

export async function cities(latchkey: Latchkey, entryId: string): Promise<readonly string[]> {
  // #region use
  try {
    return await latchkey.entries.use(weather, entryId, (client) => client.cities, { timeout: 10_000 })
  } catch (error) {
    if (error instanceof ReauthRequiredError) console.error(`Sign in again: flow ${error.flowId}`)
    throw error
  }
  // #endregion
}

export function notify(latchkey: Latchkey, send: (message: string) => Promise<void>): () => void {
  // #region attention
  const stop = latchkey.on('attention_added', async ({ item }) => {
    await send(`${item.title}: ${item.text}`)
  })
  // #endregion
  return stop
}

export async function found(latchkey: Latchkey): Promise<View> {
  // #region discovery
  const discovery: Discovery = {
    uniqueId: 'account of alice', // the unique id that `connect` will return
    title: 'Weather of Alice',
    values: {}, // fields that are known, such as a host; never a secret
    key: 'mdns:weather-1', // your id of the announcement
  }
  const form = await latchkey.flows.start({ domain: 'weather', source: 'discovery', discovery })
  latchkey.on('rediscover', ({ domain, discoveryKeys }) => {
    console.log(`Announce ${discoveryKeys.join()} of ${domain} again.`)
  })
  // #endregion
  return form
}

export async function tenants(): Promise<readonly string[]> {
  // #region tenants
  const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore(), scopes: true })
  const acme = latchkey.scope('acme', { language: 'de' })
  const form = await acme.flows.start({ domain: 'weather', source: 'user' })
  latchkey.onAll('attention_added', ({ scope, item }) => console.log(scope, item.text))
  // #endregion
  const { items } = await latchkey.scopes()
  await latchkey.stop()
  return [form.language, ...items]
}
