import * as z from 'zod'
import { CannotConnectError, defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'

const tokens = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() })
const kept = ({ access_token: access, refresh_token: renewal, expires_in }: z.infer<typeof tokens>) => ({
  access,
  renewal,
  ends: Date.now() + expires_in * 1000,
})

/** The behavior of a process during a refresh. */
export interface Moments {
  beforeRequest(): unknown
  afterReply(): unknown
}

/** An integration of the token endpoint of token-provider.ts. */
export const tokenIntegration = (moments: Moments = { beforeRequest() {}, afterReply() {} }) =>
  defineIntegration({
    domain: 'tokens',
    title: 'Tokens',
    fields: z.object({ address: z.string(), password: secret() }),
    stored: z.object({ address: z.string(), access: secret(), renewal: secret(), ends: z.number() }),
    exchange: async ({ address }, { fetch }) => {
      const response = await fetch(`${address}/login`)
      return { address, ...kept(tokens.parse(await response.json())) }
    },
    expiresAt: ({ ends }) => ends,
    refresh: async ({ address, renewal }, { fetch, signal }) => {
      await moments.beforeRequest()
      const response = await fetch(`${address}/token?token=${renewal.reveal()}`, { signal })
      const body: unknown = await response.json()
      await moments.afterReply()
      if (response.status === 400) throw new InvalidAuthError()
      if (!response.ok) throw new CannotConnectError()
      return kept(tokens.parse(body))
    },
    connect: async (_, { stored }) => ({
      client: { token: async () => (await stored()).access.reveal() },
      uniqueId: 'account',
    }),
  })
