import { githubServer } from './github-server.ts'
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
  ...githubServer,
  docs: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app',
  register: 'https://github.com/settings/apps/new',
  sources: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens (2026-11-30)',
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (2026-11-30)',
  ],
  unverified: ['PKCE', 'issuer', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
})
