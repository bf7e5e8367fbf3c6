import { service } from './service.ts'

/**
 * Discord. A revocation ends all tokens of the authorization.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { discord } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = discord({ clientId: 'my-app', clientSecret, scope: 'identify guilds' })
 * ```
 */
export const discord = service({
  title: 'Discord',
  docs: 'https://discord.com/developers/docs/topics/oauth2',
  register: 'https://discord.com/developers/applications',
  sources: ['https://discord.com/developers/docs/topics/oauth2 (2026-11-30)'],
  unverified: ['refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://discord.com/oauth2/authorize',
    token: 'https://discord.com/api/oauth2/token',
    revocation: 'https://discord.com/api/oauth2/token/revoke',
  },
  clientAuth: 'client_secret_basic',
  pkce: false,
  scope: ['identify'],
  identity: { request: { url: 'https://discord.com/api/users/@me' }, account: ['/id'], login: '/username' },
  revokes: 'account',
})
