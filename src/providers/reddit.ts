import { service } from './service.ts'

/**
 * Reddit. It refuses a dead refresh token with a number in place of a code.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { reddit } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = reddit({ clientId: 'my-app', clientSecret })
 * ```
 */
export const reddit = service({
  title: 'Reddit',
  docs: 'https://github.com/reddit-archive/reddit/wiki/OAuth2',
  register: 'https://www.reddit.com/prefs/apps',
  sources: [],
  unverified: ['all'],
  endpoints: {
    authorization: 'https://www.reddit.com/api/v1/authorize',
    token: 'https://www.reddit.com/api/v1/access_token',
    revocation: 'https://www.reddit.com/api/v1/revoke_token',
  },
  clientAuth: 'client_secret_basic',
  pkce: false,
  scope: ['identity'],
  parameters: { duration: 'permanent' },
  isDead: ({ status, body }) => status === 400 && typeof body === 'object' && body.error === 400,
  identity: { request: { url: 'https://oauth.reddit.com/api/v1/me' }, account: ['/id'], login: '/name' },
  revokes: 'token',
})
