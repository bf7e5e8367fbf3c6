import { service } from './service.ts'

/**
 * Atlassian Cloud: Jira and Confluence. The user selects the site after the sign-in.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { atlassian } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = atlassian({ clientId: 'my-app', clientSecret })
 * ```
 */
export const atlassian = service({
  title: 'Atlassian',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  register: 'https://developer.atlassian.com/console/myapps/',
  sources: [
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-11-30)',
    'https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/ (2026-11-30)',
  ],
  unverified: ['JSON requests', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://auth.atlassian.com/authorize',
    token: 'https://auth.atlassian.com/oauth/token',
  },
  clientAuth: 'client_secret_post',
  tokenRequestFormat: 'json',
  pkce: false,
  scope: ['read:me', 'offline_access'],
  parameters: { audience: 'api.atlassian.com', prompt: 'consent' },
  identity: { request: { url: 'https://api.atlassian.com/me' }, account: ['/account_id'], login: '/email' },
  select: {
    cloudId: {
      title: 'Site',
      request: { url: 'https://api.atlassian.com/oauth/token/accessible-resources' },
      value: '/id',
      label: '/name',
    },
  },
})
