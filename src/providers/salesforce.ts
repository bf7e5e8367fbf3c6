import { service } from './service.ts'

/**
 * Salesforce. `issuer` names a sandbox (`https://test.salesforce.com`) or the domain of an organization.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { salesforce } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = salesforce({ clientId: 'my-app', clientSecret, issuer: 'https://test.salesforce.com' })
 * ```
 */
export const salesforce = service({
  title: 'Salesforce',
  docs: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
  register: 'https://login.salesforce.com/lightning/setup/ManageExternalClientApplication/home',
  sources: [
    'https://developer.salesforce.com/docs/atlas.en-us.198.0.api_rest.meta/api_rest/intro_understanding_refresh_token_oauth.htm (2026-11-30)',
    'https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-revoking-tokens.html (2026-11-30)',
  ],
  unverified: ['PKCE', 'members id and instance_url of the reply', 'refusal of a refresh token'],
  endpoints: {
    authorization: 'https://login.salesforce.com/services/oauth2/authorize',
    token: 'https://login.salesforce.com/services/oauth2/token',
    revocation: 'https://login.salesforce.com/services/oauth2/revoke',
  },
  clientAuth: 'client_secret_post',
  scope: ['api', 'refresh_token'],
  // A URL with the ids of the organization and of the user.
  identity: { account: ['/id'] },
  keep: { instanceUrl: '/instance_url' },
  revokes: 'token',
})
