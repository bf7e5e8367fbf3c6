import { service } from './service.ts'

/**
 * Asana. A refresh returns no new refresh token.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { asana } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = asana({ clientId: 'my-app', clientSecret })
 * ```
 */
export const asana = service({
  title: 'Asana',
  docs: 'https://developers.asana.com/docs/oauth',
  register: 'https://app.asana.com/0/my-apps',
  sources: [
    'https://developers.asana.com/docs/oauth (2026-11-30)',
    'https://developers.asana.com/docs/openid-connect (2026-11-30)',
  ],
  unverified: ['default scope', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://app.asana.com/-/oauth_authorize',
    token: 'https://app.asana.com/-/oauth_token',
    revocation: 'https://app.asana.com/-/oauth_revoke',
  },
  clientAuth: 'client_secret_post',
  scope: ['users:read'],
  identity: {
    request: { url: 'https://app.asana.com/api/1.0/users/me' },
    account: ['/data/gid'],
    login: '/data/email',
  },
  revokes: 'token',
})
