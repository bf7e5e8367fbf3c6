import { service } from './service.ts'

/**
 * Xero. The user selects the organization after the sign-in.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { xero } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = xero({ clientId: 'my-app', clientSecret })
 * ```
 */
export const xero = service({
  title: 'Xero',
  docs: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow/',
  register: 'https://developer.xero.com/app/manage',
  sources: [
    'https://developer.xero.com/documentation/oauth2/auth-flow (2026-11-30)',
    'https://developer.xero.com/documentation/oauth2/pkce-flow (2026-11-30)',
    'https://github.com/XeroAPI/Xero-OpenAPI/blob/master/xero-identity.yaml (2026-11-30)',
  ],
  unverified: ['revocation endpoint', 'issuer of ID tokens', 'answer to a cancelled sign-in'],
  endpoints: {
    issuer: 'https://identity.xero.com',
    authorization: 'https://login.xero.com/identity/connect/authorize',
    token: 'https://identity.xero.com/connect/token',
    revocation: 'https://identity.xero.com/connect/revocation',
  },
  clientAuth: 'client_secret_basic',
  scope: ['openid', 'profile', 'email', 'offline_access', 'accounting.settings.read'],
  identity: 'id_token',
  select: {
    tenantId: {
      title: 'Organization',
      request: { url: 'https://api.xero.com/connections' },
      value: '/tenantId',
      label: '/tenantName',
    },
  },
  revokes: 'account',
})
