import * as z from 'zod'
import { defineIntegrationWithMethods, readJson } from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'
import { icons } from '../icons.ts'
import { CLIENT } from './provider.ts'

const Profile = z.object({ sub: z.string(), email: z.string() })

/** An account at the example's OpenID provider, with two sign-in methods. */
export function accountIntegration(issuer: string, domain = 'account') {
  const provider = oauthProvider({
    issuer,
    ...CLIENT,
    scope: 'openid email offline_access',
    parameters: { prompt: 'login consent' },
  })
  return defineIntegrationWithMethods({
    domain,
    title: 'Example account',
    icon: icons.account,
    description: 'Sign in with the example provider',
    category: 'other',
    keywords: ['openid', 'oauth'],
    stored: z.object(oauthTokens),
    methods: {
      browser: { title: 'In this browser', authorize: provider.authorizationCode() },
      device: { title: 'With a code on another device', authorize: provider.deviceCode() },
    },
    refresh: provider.refresh,
    expiresAt: provider.expiresAt,
    async connect(stored, { fetch, signal, stored: now }) {
      const profile = async (init: RequestInit = {}) => {
        const { accessToken } = await now()
        const headers = { authorization: `Bearer ${accessToken.reveal()}` }
        return readJson(await fetch(`${issuer}/me`, { headers, ...init }), Profile)
      }
      const { email } = await profile({ signal })
      return { client: { profile }, uniqueId: stored.account ?? null, title: email }
    },
  })
}
