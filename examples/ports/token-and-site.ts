import * as z from 'zod'
import { defineIntegration, readJson, type Secret, token, WrongAccountError } from '../../src/index.ts'

const api = 'https://api.solar.example'
const Site = z.object({ id: z.string(), name: z.string() })

/** A solar plant: an API token, and one of the sites that it can read. */
export const solar = defineIntegration({
  domain: 'solar',
  title: 'Example solar',
  description: 'The power of your roof',
  category: 'home',
  fields: z.object({
    apiToken: token().meta({ title: 'API token', helpUrl: 'https://solar.example/settings' }),
    site: z.string().meta({ title: 'Site' }),
  }),
  choices: {
    async site({ apiToken }, { fetch, signal }) {
      const sites = apiToken === undefined ? [] : await requests(apiToken, fetch).sites(signal)
      return sites.map(({ id, name }) => ({ value: id, label: name }))
    },
  },
  async connect({ apiToken, site }, { fetch, signal }) {
    const { sites, power } = requests(apiToken, fetch)
    const found = (await sites(signal)).find(({ id }) => id === site)
    if (found === undefined) throw new WrongAccountError()
    return { client: { power: () => power(site) }, uniqueId: site, title: found.name }
  },
})

function requests(apiToken: Secret, fetch: typeof globalThis.fetch) {
  const headers = { authorization: `Bearer ${apiToken.reveal()}` }
  return {
    sites: async (signal: AbortSignal) =>
      readJson(await fetch(`${api}/sites`, { headers, signal }), z.array(Site)),
    power: async (site: string) =>
      readJson(await fetch(`${api}/sites/${site}/power`, { headers }), z.number()),
  }
}
