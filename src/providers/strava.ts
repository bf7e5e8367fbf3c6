import { service } from './service.ts'

/**
 * Strava. Only the first reply names the athlete.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { strava } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = strava({ clientId: 'my-app', clientSecret })
 * ```
 */
export const strava = service({
  title: 'Strava',
  docs: 'https://developers.strava.com/docs/authentication',
  register: 'https://www.strava.com/settings/api',
  sources: [
    'https://developers.strava.com/docs/authentication (2026-11-30, its beginning)',
    'https://developers.strava.com/docs/oauth-updates (2026-11-30)',
  ],
  unverified: ['endpoints', 'identity', 'refusal of a refresh token', 'request that ends the access'],
  endpoints: {
    authorization: 'https://www.strava.com/oauth/authorize',
    token: 'https://www.strava.com/oauth/token',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  scope: ['read'],
  scopeSeparator: ',',
  identity: { account: ['/athlete/id'], login: '/athlete/username' },
  revokes: 'account',
  revoke: ({ accessToken }) => ({
    method: 'POST',
    url: 'https://www.strava.com/oauth/deauthorize',
    authorization: `Bearer ${accessToken}`,
  }),
})
