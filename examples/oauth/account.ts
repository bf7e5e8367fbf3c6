import * as z from 'zod'
import { defineIntegrationWithMethods, readJson } from '../../src/index.ts'
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
      return readJson(await fetch('https://api.example/me', { headers }), z.object({ email: z.string() }))
    }
    const { email } = await profile()
    return { client: { profile }, uniqueId: tokens.account ?? null, title: email }
  },
})
