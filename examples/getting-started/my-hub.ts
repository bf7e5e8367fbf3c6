import * as z from 'zod'
import { address, CannotConnectError, defineIntegration, InvalidAuthError, token } from '../../src/index.ts'

const Account = z.object({ id: z.string(), name: z.string() })

export const myHub = defineIntegration({
  domain: 'my_hub',
  title: 'My Hub',
  fields: z.object({
    host: address({ schemes: ['http', 'https'] }).meta({ title: 'Host' }),
    apiToken: token().meta({ title: 'API token' }),
  }),
  async connect({ host, apiToken }, { fetch }) {
    const base = host.includes('://') ? host : `http://${host}`
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${apiToken.reveal()}` }
      const response = await fetch(`${base}/api/${path}`, { headers }).catch(() => null)
      if (response?.status === 401) throw new InvalidAuthError() // needs a new token
      if (!response?.ok) throw new CannotConnectError() // temporary: Latchkey retries
      return response.json()
    }
    const account = Account.parse(await get('me'))
    return { client: { status: () => get('status') }, uniqueId: account.id, title: account.name }
  },
})
