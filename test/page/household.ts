import * as z from 'zod'
import { icons } from '../../examples/icons.ts'
import {
  address,
  CannotConnectError,
  createLatchkey,
  defineIntegration,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  token,
} from '../../src/index.ts'

const SERVICES = [
  ['my_hub', 'My Hub', icons.hub, 'Local devices through a hub', 'home'],
  ['mqtt', 'MQTT', icons.mqtt, 'Sensors over a message broker', 'home'],
  ['calendar', 'Northwind Calendar', icons.account, 'Events and reminders', 'calendar'],
  ['weather', 'Tidewater Weather', icons.weather, 'Forecast for a place', 'other'],
  ['music', 'Harbor Music', icons.stream, 'Speakers and playlists', 'media'],
  ['files', 'Granite Files', icons.versions, 'Folders in the cloud', 'files'],
  ['sites', 'Pine Sites', icons.sites, 'Deployments of your websites', 'developer'],
  ['bank', 'Juniper Bank', icons.api, 'Balances and payments', 'finance'],
] as const

const CONNECTIONS = [
  ['my_hub', 'Living room hub', '192.168.1.20'],
  ['my_hub', 'Garage hub', '192.168.1.34'],
  ['mqtt', 'alice', '192.168.1.2:1883'],
  ['mqtt', 'cabin', 'broker.cabin.example:8883'],
  ['calendar', 'alice@home.example', 'calendar.northwind.example'],
  ['calendar', 'bob@home.example', 'calendar.northwind.example:443'],
  ['weather', 'Home station', 'api.tidewater.example'],
  ['music', 'Kitchen speaker', '192.168.1.52'],
] as const

/** Starts Latchkey in memory with the connections of a home. One needs a sign-in, two of a service do, and one does not respond. */
export async function household(): Promise<Latchkey> {
  const answers = new Map<string, 'rejected' | 'down'>()
  const integrations = SERVICES.map(([domain, title, icon, description, category]) =>
    defineIntegration({
      domain,
      title,
      icon,
      description,
      category,
      fields: z.object({
        host: address().meta({ title: 'Host' }),
        apiToken: token().meta({ title: 'API token' }),
      }),
      connect: async ({ host }) => {
        if (answers.get(host) === 'rejected') throw new InvalidAuthError()
        if (answers.get(host) === 'down') throw new CannotConnectError()
        const name = CONNECTIONS.find(([at, , to]) => at === domain && to === host)?.[1]
        return { client: {}, uniqueId: host, title: name ?? title, address: host }
      },
    }),
  )
  const latchkey = await createLatchkey({ integrations, store: memoryStore() })
  const { flows, entries } = latchkey
  for (const [domain, name, host] of CONNECTIONS) {
    const form = await flows.start({ domain, source: 'user' })
    const end = await flows.submit(form.flowId, { host, apiToken: 'token' }, { revision: form.revision })
    const answer =
      name === 'Garage hub' || domain === 'calendar' ? 'rejected' : name === 'cabin' ? 'down' : undefined
    if (answer === undefined || end.entryId === null) continue
    answers.set(host, answer)
    await entries.reload(end.entryId)
  }
  await flows.start({
    domain: 'my_hub',
    source: 'discovery',
    discovery: { uniqueId: 'hub-3', title: 'Hub in the attic', values: { host: '192.168.1.41' } },
  })
  return latchkey
}
