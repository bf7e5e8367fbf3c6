import { Hono } from 'hono'
import type { ClientOf } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import type { router } from './host-and-password.ts'
import { LocalService } from './local-service.ts'

/** Two routers behind one address, by password. */
const serials = new Map([
  ['garden-gate', 'R-1'],
  ['garden-gate-2', 'R-1'],
  ['cellar-door', 'R-2'],
])

export const routerWorld: IntegrationWorld = {
  async start() {
    const sessions = new Set<string>()
    const bearer = (header: string | undefined) => header?.replace('Bearer ', '') ?? ''
    const routes = new Hono()
    routes.post('/session', async (c) => {
      const password = await c.req.text()
      if (password === 'crowded-house') return c.body(null, 409)
      const serial = serials.get(password)
      if (serial === undefined) return c.body(null, 401)
      const id = crypto.randomUUID()
      sessions.add(id)
      return c.json({ id, serial, model: 'Router 7' })
    })
    routes.delete('/session', (c) => {
      return c.body(null, sessions.delete(bearer(c.req.header('authorization'))) ? 204 : 401)
    })
    routes.get('/devices', (c) => {
      const isOpen = sessions.has(bearer(c.req.header('authorization')))
      return isOpen ? c.json([{ name: 'Printer', online: true }]) : c.body(null, 401)
    })
    const service = await LocalService.start(routes)
    return {
      good: { host: service.host, password: 'garden-gate' },
      fresh: { password: 'garden-gate-2' },
      other: { password: 'cellar-door' },
      bad: { password: 'open-sesame' },
      moved: { host: service.host.replace('127.0.0.1', 'localhost') },
      use: (client: ClientOf<typeof router>) => client.devices(),
      open: () => sessions.size,
      ...service.controls,
    }
  },
}
