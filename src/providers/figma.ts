import { service } from './service.ts'

/**
 * Figma. Tokens are refreshed at another address, and the refresh token stays.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { figma } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = figma({ clientId: 'my-app', clientSecret })
 * ```
 */
export const figma = service({
  title: 'Figma',
  docs: 'https://developers.figma.com/docs/rest-api/authentication',
  register: 'https://www.figma.com/developers/apps',
  sources: ['https://developers.figma.com/docs/rest-api/authentication (2026-11-30)'],
  unverified: ['endpoints', 'PKCE', 'client authentication', 'refusal of a refresh token'],
  endpoints: {
    authorization: 'https://www.figma.com/oauth',
    token: 'https://api.figma.com/v1/oauth/token',
    refresh: 'https://api.figma.com/v1/oauth/refresh',
  },
  clientAuth: 'client_secret_basic',
  pkce: false,
  scope: ['current_user:read'],
  identity: { request: { url: 'https://api.figma.com/v1/me' }, account: ['/id'], login: '/email' },
})
