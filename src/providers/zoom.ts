import { service } from './service.ts'

/**
 * Zoom. Each refresh returns a new refresh token.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { zoom } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = zoom({ clientId: 'my-app', clientSecret })
 * ```
 */
export const zoom = service({
  title: 'Zoom',
  docs: 'https://developers.zoom.us/docs/integrations/oauth/',
  register: 'https://marketplace.zoom.us/develop/create',
  sources: [
    'https://developers.zoom.us/docs/rooms/oauth/ (2026-11-30)',
    'https://developers.zoom.us/docs/api/using-zoom-apis/ (2026-11-30)',
  ],
  unverified: ['revocation', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://zoom.us/oauth/authorize',
    token: 'https://zoom.us/oauth/token',
    revocation: 'https://zoom.us/oauth/revoke',
  },
  clientAuth: 'client_secret_basic',
  identity: { request: { url: 'https://api.zoom.us/v2/users/me' }, account: ['/id'], login: '/email' },
  revokes: 'token',
})
