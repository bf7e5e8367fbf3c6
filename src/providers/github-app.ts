import { service } from './service.ts'

/**
 * GitHub, by a GitHub App. The permissions of the app replace scopes, and its tokens expire.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { githubApp } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = githubApp({ clientId: 'my-app', clientSecret })
 * ```
 */
export const githubApp = service({
  title: 'GitHub',
  docs: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app',
  register: 'https://github.com/settings/apps/new',
  sources: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens (2026-11-30)',
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (2026-11-30)',
  ],
  unverified: ['PKCE', 'issuer', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    issuer: 'https://github.com/login/oauth',
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    device: 'https://github.com/login/device/code',
  },
  // An Enterprise Server has its API below a path.
  apiPath: { 'https://api.github.com': '/api/v3' },
  clientAuth: 'client_secret_post',
  identity: { request: { url: 'https://api.github.com/user' }, account: ['/id'], login: '/login' },
  revokes: 'token',
  revoke: ({ clientId, basic, accessToken }) => ({
    method: 'DELETE',
    url: `https://api.github.com/applications/${clientId}/token`,
    authorization: basic,
    json: { access_token: accessToken },
  }),
})
