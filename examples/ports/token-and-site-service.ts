import { Hono } from 'hono'
import type { ClientOf } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { LocalService } from './local-service.ts'
import type { solar } from './token-and-site.ts'

const roof = { id: '10', name: 'Roof' }
const barn = { id: '9', name: 'Barn' }

export const solarWorld: IntegrationWorld = {
  async start() {
    const tokens = new Map([
      ['token-of-ada', [roof, barn]],
      ['second-token-of-ada', [roof, barn]],
      ['token-of-bob', [{ id: '11', name: 'Carport' }]],
    ])
    const sitesOf = (header: string | undefined) => tokens.get(header?.replace('Bearer ', '') ?? '')
    const routes = new Hono()
    routes.get('/sites', (c) => {
      const sites = sitesOf(c.req.header('authorization'))
      return sites === undefined ? c.body(null, 401) : c.json(sites)
    })
    routes.get('/sites/:site/power', (c) => {
      const sites = sitesOf(c.req.header('authorization'))
      if (sites === undefined) return c.body(null, 401)
      return sites.some(({ id }) => id === c.req.param('site')) ? c.json(4_200) : c.body(null, 404)
    })
    const service = await LocalService.start(routes)
    return {
      hosts: { 'api.solar.example': service.origin },
      good: { apiToken: 'token-of-ada', site: '10' },
      fresh: { apiToken: 'second-token-of-ada' },
      other: { apiToken: 'token-of-bob', site: '11' },
      bad: { apiToken: 'token-of-eve' },
      use: (client: ClientOf<typeof solar>) => client.power(),
      kill: async () => void tokens.delete('token-of-ada'),
      ...service.controls,
    }
  },
}
