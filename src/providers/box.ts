import { service } from './service.ts'

/**
 * Box. Each refresh returns a new refresh token.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { box } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = box({ clientId: 'my-app', clientSecret })
 * ```
 */
export const box = service({
  title: 'Box',
  docs: 'https://developer.box.com/guides/authentication/oauth2/',
  register: 'https://app.box.com/developers/console',
  sources: [
    'https://developer.box.com/guides/authentication/tokens/access-tokens/ (2026-11-30)',
    'https://developer.box.com/reference/authorization-resources (2026-11-30)',
  ],
  unverified: ['PKCE', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://account.box.com/api/oauth2/authorize',
    token: 'https://api.box.com/oauth2/token',
    revocation: 'https://api.box.com/oauth2/revoke',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  identity: { request: { url: 'https://api.box.com/2.0/users/me' }, account: ['/id'], login: '/login' },
  revokes: 'token',
})
