import { service } from './service.ts'

/**
 * Spotify. A refresh usually returns no new refresh token.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { spotify } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = spotify({ clientId: 'my-app', clientSecret, scope: 'user-library-read' })
 * ```
 */
export const spotify = service({
  title: 'Spotify',
  docs: 'https://developer.spotify.com/documentation/web-api/tutorials/code-flow',
  register: 'https://developer.spotify.com/dashboard',
  sources: [
    'https://github.com/spotify/web-api-examples/blob/master/authorization/authorization_code/app.js (2026-11-30)',
  ],
  unverified: ['refusal of a refresh token', 'lifetime of a token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://accounts.spotify.com/authorize',
    token: 'https://accounts.spotify.com/api/token',
  },
  clientAuth: 'client_secret_basic',
  scope: ['user-read-private', 'user-read-email'],
  identity: { request: { url: 'https://api.spotify.com/v1/me' }, account: ['/id'], login: '/email' },
})
