import { service } from './service.ts'

/**
 * GitHub, by an OAuth App. Its tokens do not expire. `issuer` names a GitHub Enterprise Server.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { github } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = github({ clientId: 'my-app', clientSecret, scope: 'repo' })
 * ```
 */
export const github = service({
  title: 'GitHub',
  docs: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
  register: 'https://github.com/settings/applications/new',
  sources: [
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (2026-11-30)',
    'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors (2026-11-30)',
  ],
  unverified: ['PKCE', 'issuer', 'answer to a cancelled sign-in', 'request that revokes a token'],
  endpoints: {
    issuer: 'https://github.com/login/oauth',
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    device: 'https://github.com/login/device/code',
  },
  // An Enterprise Server has its API below a path.
  apiPath: { 'https://api.github.com': '/api/v3' },
  clientAuth: 'client_secret_post',
  scope: ['read:user'],
  identity: { request: { url: 'https://api.github.com/user' }, account: ['/id'], login: '/login' },
  revokes: 'token',
  revoke: ({ clientId, basic, accessToken }) => ({
    method: 'DELETE',
    url: `https://api.github.com/applications/${clientId}/token`,
    authorization: basic,
    json: { access_token: accessToken },
  }),
})
