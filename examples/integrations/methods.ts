import * as z from 'zod'
import { defineIntegrationWithMethods, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

const stored = z.object({ site: z.string(), token: secret() })

export const sites = defineIntegrationWithMethods({
  domain: 'sites',
  title: 'Example sites',
  icon: icons.sites,
  description: 'Sign in with a password or a token',
  category: 'developer',
  docs: 'https://sites.example/help',
  stored,
  // #region methods
  methods: {
    login: {
      title: 'User name and password',
      fields: z.object({ username: z.string(), password: secret(), site: z.string() }),
      pages: { login: ['username', 'password'], site: ['site'] },
      choices: { site: ({ username = '' }) => service.sites(username) },
      async exchange({ username, password, site }) {
        await service.logIn(username, password.reveal())
        return { site, token: service.createToken(username) }
      },
    },
    token: { title: 'API token', fields: stored },
  },
  // #endregion
  async connect({ token, site }) {
    const { id, name } = await service.account(token.reveal())
    return { client: { site }, uniqueId: `${id} at ${site}`, title: `${name}, ${site}` }
  },
})
