import { service } from './service.ts'

/**
 * LinkedIn. Only approved partners get refresh tokens. Others sign in again after 60 days.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { linkedin } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = linkedin({ clientId: 'my-app', clientSecret })
 * ```
 */
export const linkedin = service({
  title: 'LinkedIn',
  docs: 'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
  register: 'https://www.linkedin.com/developers/apps/new',
  sources: [
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens (2026-11-30)',
  ],
  unverified: ['userinfo', 'codes of a cancelled sign-in', 'refusal of a refresh token'],
  endpoints: {
    authorization: 'https://www.linkedin.com/oauth/v2/authorization',
    token: 'https://www.linkedin.com/oauth/v2/accessToken',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  scope: ['openid', 'profile', 'email'],
  // Its ID tokens have no nonce, so the identity is that of the userinfo.
  identity: { request: { url: 'https://api.linkedin.com/v2/userinfo' }, account: ['/sub'], login: '/email' },
})
