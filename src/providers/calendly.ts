import { service } from './service.ts'

/**
 * Calendly. A refresh token can be used once.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { calendly } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = calendly({ clientId: 'my-app', clientSecret })
 * ```
 */
export const calendly = service({
  title: 'Calendly',
  docs: 'https://developer.calendly.com/docs/authentication/how-to-access-calendly-data-on-behalf-of-authenticated-users',
  register: 'https://developer.calendly.com/console/apps',
  sources: [
    'https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-refresh-token (2026-11-30)',
    'https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-revoke (2026-11-30)',
  ],
  unverified: ['PKCE', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://auth.calendly.com/oauth/authorize',
    token: 'https://auth.calendly.com/oauth/token',
  },
  clientAuth: 'client_secret_basic',
  identity: {
    request: { url: 'https://api.calendly.com/users/me' },
    account: ['/resource/uri'],
    login: '/resource/email',
  },
  revokes: 'token',
  // The client is part of the body here, and HTTP Basic at the token endpoint.
  revoke: ({ clientId, clientSecret, accessToken, refreshToken = accessToken }) => ({
    url: 'https://auth.calendly.com/oauth/revoke',
    form: { client_id: clientId, client_secret: clientSecret, token: refreshToken },
  }),
})
