import * as z from 'zod'
import { assertOk, defineIntegration, FormError, readJson, type Secret, token } from '../../src/index.ts'

const api = 'https://api.transit.example'
const Place = z.object({ id: z.string(), name: z.string() })
const choicesOf = (places: readonly z.output<typeof Place>[]) =>
  places.map(({ id, name }) => ({ value: id, label: name }))

/** An account for timetables. Each sub-entry is a stop: users choose its line first. */
export const transit = defineIntegration({
  domain: 'transit',
  title: 'Example transit',
  description: 'Departures from your stops',
  category: 'home',
  fields: z.object({ apiKey: token().meta({ title: 'API key' }) }),
  async connect({ apiKey }, { fetch, signal, subentries }) {
    const { me, ...client } = requests(apiKey, fetch)
    const { id, name } = await me(signal)
    const stops = subentries.map(({ values }) => values.stop)
    const departures = () => Promise.all(stops.map((stop) => client.departuresAt(stop)))
    return { client: { ...client, departures }, uniqueId: id, title: name }
  },
  async onRemove({ apiKey }, { fetch, signal }) {
    await requests(apiKey, fetch).signOut(signal)
  },
  subentries: {
    stop: {
      title: 'Stop',
      fields: z.object({
        line: z.string().meta({ title: 'Line' }),
        stop: z.string().meta({ title: 'Stop' }),
        minutes: z.int().min(0).default(5).meta({ title: 'Minutes to the stop' }),
      }),
      pages: { line: ['line'], stop: ['stop'], walk: ['minutes'] },
      choices: {
        line: async (_, { client, signal }) => choicesOf(await client.lines({ signal })),
        stop: async ({ line = '' }, { client, signal }) => choicesOf(await client.stops(line, signal)),
      },
      async check({ line, stop }, { client, signal }) {
        const found = (await client.stops(line, signal)).find(({ id }) => id === stop)
        if (found === undefined) throw new FormError('unknown_stop', { field: 'stop' })
        return { title: found.name, uniqueId: stop }
      },
    },
  },
  texts: { en: { error: { unknown_stop: 'This line no longer stops there.' } } },
})

function requests(key: Secret, fetch: typeof globalThis.fetch) {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${api}/${path}`, { headers: { authorization: `Bearer ${key.reveal()}` }, ...init })
  return {
    me: async (signal: AbortSignal) => readJson(await call('me', { signal }), Place),
    lines: async (init?: RequestInit) => readJson(await call('lines', init), z.array(Place)),
    stops: async (line: string, signal: AbortSignal) =>
      readJson(await call(`lines/${line}/stops`, { signal }), z.array(Place)),
    departuresAt: async (stop: string) => readJson(await call(`stops/${stop}/times`), z.array(z.string())),
    signOut: async (signal: AbortSignal) => assertOk(await call('key', { method: 'DELETE', signal })),
  }
}
