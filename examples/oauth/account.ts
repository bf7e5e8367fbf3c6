import * as z from 'zod'
import { CannotConnectError, defineIntegrationWithMethods, InvalidAuthError } from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'

const provider = oauthProvider({
  issuer: 'https://login.example', // its metadata is discovered; or pass the endpoints
  clientId: 'my-app',
  clientSecret: process.env.CLIENT_SECRET ?? '', // leave it out for a public client
  scope: 'openid email offline_access',
})

export const account = defineIntegrationWithMethods({
  domain: 'account',
  title: 'Example account',
  stored: z.object(oauthTokens),
  methods: {
    browser: { title: 'In this browser', authorize: provider.authorizationCode() },
    device: { title: 'With a code, on another device', authorize: provider.deviceCode() },
  },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  async connect(tokens, { fetch, stored }) {
    const profile = async () => {
      const { accessToken } = await stored() // the current token
      const headers = { authorization: `Bearer ${accessToken.reveal()}` }
      const response = await fetch('https://api.example/me', { headers }).catch(() => null)
      if (response?.status === 401) throw new InvalidAuthError()
      if (!response?.ok) throw new CannotConnectError()
      return z.object({ email: z.string() }).parse(await response.json())
    }
    const { email } = await profile()
    return { client: { profile }, uniqueId: tokens.account ?? null, title: email }
  },
})
