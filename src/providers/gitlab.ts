import { service } from './service.ts'

/**
 * GitLab. `issuer` names a self-managed server.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { gitlab } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = gitlab({ clientId: 'my-app', clientSecret, issuer: 'https://git.example' })
 * ```
 */
export const gitlab = service({
  title: 'GitLab',
  docs: 'https://docs.gitlab.com/api/oauth2/',
  register: 'https://gitlab.com/-/user_settings/applications',
  sources: ['https://docs.gitlab.com/api/oauth2/ (2026-11-30)'],
  unverified: ['refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://gitlab.com/oauth/authorize',
    token: 'https://gitlab.com/oauth/token',
    revocation: 'https://gitlab.com/oauth/revoke',
    device: 'https://gitlab.com/oauth/authorize_device',
  },
  clientAuth: 'client_secret_post',
  scope: ['read_user'],
  identity: { request: { url: 'https://gitlab.com/api/v4/user' }, account: ['/id'], login: '/username' },
  revokes: 'token',
})
