import { Hono } from 'hono'
import type { ClientOf } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { LocalService } from './local-service.ts'
import type { doorbell } from './one-time-code.ts'

const accounts = new Map([
  ['ada@home.example', { id: '1', email: 'ada@home.example', password: 'ada-and-eve' }],
  ['bob@home.example', { id: '2', email: 'bob@home.example', password: 'bob-and-eve' }],
])

export const doorbellWorld: IntegrationWorld = {
  async start() {
    const sessions = new Map<string, string>()
    const tokens = new Map<string, string>()
    const accountOf = (header: string | undefined) => {
      return accounts.get(tokens.get(header?.replace('Bearer ', '') ?? '') ?? '')
    }
    const routes = new Hono()
    routes.post('/login', async (c) => {
      const { email, password } = await c.req.json()
      const name = email.toLowerCase() // the service accepts any case
      if (accounts.get(name)?.password !== password) return c.body(null, 401)
      const session = crypto.randomUUID()
      sessions.set(session, name)
      return c.json(session)
    })
    routes.post('/code', async (c) => {
      const { session, code } = await c.req.json()
      if (code === '000000') return c.body(null, 410)
      const email = sessions.get(session)
      if (email === undefined || code !== '123456') return c.body(null, 401)
      const token = crypto.randomUUID()
      tokens.set(token, email)
      return c.json(token)
    })
    routes.get('/me', (c) => {
      const account = accountOf(c.req.header('authorization'))
      return account === undefined ? c.body(null, 401) : c.json({ id: account.id, email: account.email })
    })
    routes.get('/picture', (c) => {
      return accountOf(c.req.header('authorization')) === undefined ? c.body(null, 401) : c.body('A picture.')
    })
    const service = await LocalService.start(routes)
    return {
      hosts: { 'api.doorbell.example': service.origin },
      good: { email: 'ada@home.example', password: 'ada-and-eve' },
      fresh: { email: 'Ada@Home.example' },
      other: { email: 'bob@home.example', password: 'bob-and-eve' },
      bad: { password: 'nobody' },
      challenge: { otp: { code: '123456' } },
      badChallenge: { otp: { code: '654321' } },
      options: { minutes: 30 },
      use: (client: ClientOf<typeof doorbell>) => client.picture(),
      kill: async () => tokens.clear(),
      ...service.controls,
    }
  },
}
