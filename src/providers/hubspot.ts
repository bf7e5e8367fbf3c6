import { service } from './service.ts'

/**
 * HubSpot. The account is the portal in which the app is installed.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { hubspot } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = hubspot({ clientId: 'my-app', clientSecret })
 * ```
 */
export const hubspot = service({
  title: 'HubSpot',
  docs: 'https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens',
  register: 'https://developers.hubspot.com/get-started',
  sources: [
    'https://developers.hubspot.com/changelog/v1-oauth-api-deprecation (2026-11-30)',
    'https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses (2026-11-30)',
    'https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide (2026-11-30)',
  ],
  unverified: ['members of an introspection', 'parameters of a revocation'],
  endpoints: {
    authorization: 'https://app.hubspot.com/oauth/authorize',
    token: 'https://api.hubapi.com/oauth/2026-03/token',
    revocation: 'https://api.hubapi.com/oauth/2026-03/token/revoke',
  },
  clientAuth: 'client_secret_post',
  scope: ['oauth'],
  identity: {
    request: ({ clientId, clientSecret, accessToken }) => ({
      url: 'https://api.hubapi.com/oauth/2026-03/token/introspect',
      form: {
        client_id: clientId,
        client_secret: clientSecret,
        token: accessToken,
        token_type_hint: 'access_token',
      },
    }),
    account: ['/hub_id'],
    login: '/hub_domain',
  },
  revokes: 'token',
})
