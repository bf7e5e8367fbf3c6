import { service } from './service.ts'

/**
 * Twitch. Its replies list the scopes as an array.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { twitch } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = twitch({ clientId: 'my-app', clientSecret })
 * ```
 */
export const twitch = service({
  title: 'Twitch',
  docs: 'https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/',
  register: 'https://dev.twitch.tv/console/apps/create',
  sources: ['https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/ (2026-11-30, its beginning)'],
  unverified: ['endpoints', 'identity', 'refusal of a refresh token', 'revocation'],
  endpoints: {
    authorization: 'https://id.twitch.tv/oauth2/authorize',
    token: 'https://id.twitch.tv/oauth2/token',
    revocation: 'https://id.twitch.tv/oauth2/revoke',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  identity: {
    request: ({ accessToken }) => ({
      url: 'https://id.twitch.tv/oauth2/validate',
      authorization: `OAuth ${accessToken}`,
    }),
    account: ['/user_id'],
    login: '/login',
  },
  revokes: 'token',
})
