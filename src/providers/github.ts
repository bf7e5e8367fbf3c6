import { githubServer } from './github-server.ts'
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
  ...githubServer,
  docs: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
  register: 'https://github.com/settings/applications/new',
  sources: [
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (2026-11-30)',
    'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors (2026-11-30)',
  ],
  unverified: ['PKCE', 'issuer', 'answer to a cancelled sign-in', 'request that revokes a token'],
  scope: ['read:user'],
})
