import { Hono } from 'hono'
import type { ClientOf } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import type { transit } from './account-with-subentries.ts'
import { LocalService } from './local-service.ts'

const lines = [
  { id: '4', name: 'Tram 4' },
  { id: '11', name: 'Tram 11' },
]
const stops = [{ id: 'main-station', name: 'Main station' }]

export const transitWorld: IntegrationWorld = {
  async start() {
    const keys = new Map([
      ['key-of-ada', { id: 'a-1', name: 'Ada' }],
      ['second-key-of-ada', { id: 'a-1', name: 'Ada' }],
      ['key-of-bob', { id: 'a-2', name: 'Bob' }],
    ])
    const keyOf = (header: string | undefined) => header?.replace('Bearer ', '') ?? ''
    const routes = new Hono()
    routes.use(async (c, next) => {
      return keys.has(keyOf(c.req.header('authorization'))) ? next() : c.body(null, 401)
    })
    routes.get('/me', (c) => c.json(keys.get(keyOf(c.req.header('authorization')))))
    routes.get('/lines', (c) => c.json(lines))
    routes.get('/lines/:line/stops', (c) => c.json(c.req.param('line') === '4' ? stops : []))
    routes.get('/stops/:stop/times', (c) => {
      const isKnown = stops.some(({ id }) => id === c.req.param('stop'))
      return isKnown ? c.json(['12:04', '12:11']) : c.body(null, 404)
    })
    routes.delete('/key', (c) => {
      keys.delete(keyOf(c.req.header('authorization')))
      return c.body(null, 204)
    })
    const service = await LocalService.start(routes)
    return {
      hosts: { 'api.transit.example': service.origin },
      good: { apiKey: 'key-of-ada' },
      fresh: { apiKey: 'second-key-of-ada' },
      other: { apiKey: 'key-of-bob' },
      bad: { apiKey: 'key-of-eve' },
      subentries: { stop: { line: '4', stop: 'main-station', minutes: 3 } },
      use: async (client: ClientOf<typeof transit>) => [await client.lines(), await client.departures()],
      kill: async () => void keys.delete('key-of-ada'),
      removed: () => !keys.has('key-of-ada'),
      ...service.controls,
    }
  },
}
