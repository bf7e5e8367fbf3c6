import { Hono } from 'hono'
import type { ClientOf } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { LocalService } from './local-service.ts'
import type { music } from './oauth.ts'

const users = new Map([
  ['ada', { id: 'u-1', name: 'Ada' }],
  ['bob', { id: 'u-2', name: 'Bob' }],
])

export const musicWorld: IntegrationWorld = {
  async start() {
    /** The user of each code, access token and refresh token. A new token replaces the one before. */
    const codes = new Map<string, string>()
    const access = new Map<string, string>()
    const refresh = new Map<string, string>()
    const grant = (user: string) => {
      const [token, renewal] = [crypto.randomUUID(), crypto.randomUUID()]
      access.set(token, user)
      refresh.set(renewal, user)
      return { access_token: token, refresh_token: renewal, token_type: 'Bearer', expires_in: 3_600 }
    }
    const userOf = (header: string | undefined) => {
      return users.get(access.get(header?.replace('Bearer ', '') ?? '') ?? '')
    }
    const revoke = (user: string) => {
      for (const tokens of [access, refresh])
        for (const [token, owner] of tokens) if (owner === user) tokens.delete(token)
    }
    const routes = new Hono()
    routes.get('/authorize', (c) => {
      const { redirect_uri = '', state = '', user = '' } = c.req.query()
      const back = new URL(redirect_uri)
      back.searchParams.set('state', state)
      if (!users.has(user)) back.searchParams.set('error', 'access_denied')
      else {
        const code = crypto.randomUUID()
        codes.set(code, user)
        back.searchParams.set('code', code)
      }
      return c.redirect(back.href)
    })
    routes.post('/token', async (c) => {
      const form = await c.req.parseBody()
      const [given, name] =
        form.grant_type === 'refresh_token' ? [refresh, form.refresh_token] : [codes, form.code]
      const user = given.get(String(name))
      if (user === undefined) return c.json({ error: 'invalid_grant' }, 400)
      given.delete(String(name))
      if (given === refresh) access.clear() // the old token ends with the refresh
      return c.json(grant(user))
    })
    routes.post('/revoke', async (c) => {
      const { token } = await c.req.parseBody()
      revoke(access.get(String(token)) ?? refresh.get(String(token)) ?? '')
      return c.body(null, 200)
    })
    routes.get('/me', (c) => {
      const user = userOf(c.req.header('authorization'))
      return user === undefined ? c.body(null, 401) : c.json(user)
    })
    routes.get('/playlists', (c) => {
      return userOf(c.req.header('authorization')) === undefined ? c.body(null, 401) : c.json(['Morning'])
    })
    const service = await LocalService.start(routes)
    const hosts = { 'accounts.music.example': service.origin, 'api.music.example': service.origin }
    return {
      hosts,
      good: { user: 'ada' },
      fresh: null,
      other: { user: 'bob' },
      bad: { user: '' },
      async signIn(address, { user }) {
        const { pathname, search } = new URL(address)
        const url = `${service.origin}${pathname}${search}&user=${user}`
        return (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? ''
      },
      use: (client: ClientOf<typeof music>) => client.playlists(),
      kill: async () => revoke('ada'),
      removed: () => ![...refresh.values()].includes('ada'),
      ...service.controls,
    }
  },
}
