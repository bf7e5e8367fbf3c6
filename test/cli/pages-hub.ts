import * as z from 'zod'
import { defineIntegrationWithMethods, InvalidAuthError, secret } from '../../src/index.ts'

const stored = z.object({ site: z.string(), token: secret() })

/** An integration with two sign-in methods. One of them has several pages. */
export const pagesHub = defineIntegrationWithMethods({
  domain: 'pages_hub',
  title: 'Pages',
  stored,
  methods: {
    login: {
      title: 'User name and password',
      fields: z.object({ username: z.string(), password: secret(), site: z.string() }),
      reauth: ['username', 'password'],
      pages: {
        login: ['username', 'password'],
        site: {
          menu: 'site',
          options: async ({ username }) => ({ home: `Home of ${username}`, work: 'Work' }),
        },
      },
      async exchange({ username, password, site }) {
        if (password.reveal() !== 'good-password') throw new InvalidAuthError()
        return { site, token: `token of ${username}` }
      },
    },
    token: { title: 'API token', fields: stored },
  },
  async connect({ site, token }) {
    return { client: site, uniqueId: `${token.reveal()} ${site}`, title: `Site ${site}` }
  },
})
