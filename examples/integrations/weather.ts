import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const weather = defineIntegration({
  domain: 'weather',
  title: 'Example weather',
  icon: icons.weather,
  description: 'Forecasts for your places',
  category: 'home',
  docs: 'https://weather.example/help',
  keywords: ['forecast', 'rain'],
  fields: z.object({ apiKey: secret().meta({ title: 'API key' }) }),
  // #region integration
  options: z.object({ interval: z.int().min(1).default(60).meta({ title: 'Minutes between updates' }) }),
  async connect({ apiKey }, { options, subentries }) {
    const { id } = await service.account(apiKey.reveal())
    const cities = subentries.map(({ values }) => values.city)
    return { client: { cities, interval: options.interval, find: findPlace }, uniqueId: id }
  },
  subentries: {
    place: {
      title: 'Place',
      fields: z.object({ city: z.string().meta({ title: 'City' }) }),
      async check({ city }, { client, signal }) {
        const id = await client.find(city, signal)
        return id === undefined ? { error: 'unknown_place', field: 'city' } : { title: city, uniqueId: id }
      },
    },
  },
  next: ({ source }) => (source === 'user' ? { source: 'subentry', type: 'place' } : null),
  // #endregion
  texts: { en: { error: { unknown_place: 'No place has this name.' } } },
})

async function findPlace(city: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted()
  return service.places.get(city)
}
