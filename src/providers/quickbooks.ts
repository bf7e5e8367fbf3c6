import { service } from './service.ts'

/**
 * QuickBooks Online. The account is the company (`realmId`), which only the callback names.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { quickbooks } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = quickbooks({ clientId: 'my-app', clientSecret })
 * ```
 */
export const quickbooks = service({
  title: 'QuickBooks',
  docs: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
  register: 'https://developer.intuit.com/app/developer/dashboard',
  sources: ['https://github.com/intuit/oauth-jsclient/blob/master/src/OAuthClient.js (2026-11-30)'],
  unverified: ['refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://appcenter.intuit.com/connect/oauth2',
    token: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  },
  clientAuth: 'client_secret_basic',
  pkce: false,
  scope: ['com.intuit.quickbooks.accounting'],
  identity: { account: ['?realmId'] },
  keep: { realmId: '?realmId' },
  revokes: 'token',
  revoke: ({ basic, accessToken, refreshToken = accessToken }) => ({
    url: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
    authorization: basic,
    json: { token: refreshToken },
  }),
})
