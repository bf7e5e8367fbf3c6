import * as z from 'zod'
import {
  CannotConnectError,
  defineIntegrationWithMethods,
  InvalidAuthError,
  secret,
} from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'

let away = false
const stored = z.object({ site: z.string(), token: secret() })

/** An integration with two sign-in methods. One of them has several pages and a challenge. */
export const sites = defineIntegrationWithMethods({
  domain: 'sites',
  title: 'Sites',
  stored,
  challenges: { otp: z.object({ code: secret() }) },
  methods: {
    login: {
      title: 'User name and password',
      fields: z.object({ username: z.string(), password: secret(), site: z.string() }),
      reauth: ['username', 'password'],
      pages: {
        login: ['username', 'password'],
        site: { menu: 'site', options: async () => ({ home: 'Home', work: 'Work' }) },
      },
      async exchange({ username, password, site }, { challenge }) {
        if (away) throw new CannotConnectError('Away.')
        if (!password.reveal().startsWith('good-password')) throw new InvalidAuthError()
        if (challenge?.values.code.reveal() !== 'code-1234') return { challenge: 'otp' }
        return { site, token: `token-of-${username}` }
      },
    },
    token: { title: 'API token', fields: stored },
  },
  async connect({ site, token }) {
    if (away) throw new CannotConnectError('Away.')
    return { client: site, uniqueId: `account-${token.reveal().length}`, title: `Site ${site}` }
  },
})

export const sitesWorld: IntegrationWorld = {
  start: async () => ({
    good: {
      username: 'ada',
      password: 'good-password-1',
      site: 'home',
      choices: { pick_method: 'login', site: 'home' },
    },
    fresh: { password: 'good-password-2' },
    other: { username: 'grace' },
    bad: { password: 'wrong-password' },
    methods: { token: { token: 'token-of-ada' } },
    challenge: { otp: { code: 'code-1234' } },
    unreachable: async () => {
      away = true
    },
    back: async () => {
      away = false
    },
    stop: async () => {
      away = false
    },
  }),
}
