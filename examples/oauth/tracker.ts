import { CannotConnectError, defineIntegrationWithMethods, InvalidAuthError } from '../../src/index.ts'
import { github } from '../../src/providers/index.ts'

export const tracker = defineIntegrationWithMethods({
  domain: 'tracker',
  title: 'Tracker',
  ...github({ clientId: 'my-app', clientSecret: process.env.CLIENT_SECRET ?? '', scope: 'repo' }),
  async connect({ account = null, login = 'GitHub' }, { fetch, stored }) {
    const issues = async () => {
      const { accessToken } = await stored() // the current token
      const headers = { authorization: `Bearer ${accessToken.reveal()}` }
      const response = await fetch('https://api.github.com/issues', { headers }).catch(() => null)
      if (response?.status === 401) throw new InvalidAuthError()
      if (!response?.ok) throw new CannotConnectError()
      return response.json()
    }
    await issues()
    return { client: { issues }, uniqueId: account, title: login }
  },
})
