import { service } from './service.ts'

/**
 * Microsoft Entra, for work, school and personal accounts. `tenant` limits them, for example to `organizations`.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { microsoft } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = microsoft({ clientId: 'my-app', clientSecret, tenant: 'organizations' })
 * ```
 */
export const microsoft = service({
  title: 'Microsoft',
  docs: 'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
  register: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
  sources: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow (2026-11-30)',
  ],
  unverified: ['code of a refused refresh token', 'device codes'],
  placeholders: { tenant: 'common' },
  endpoints: {
    // With several tenants, the issuer of an ID token names the tenant of its user.
    issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
    authorization: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize',
    token: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
    device: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode',
  },
  clientAuth: 'client_secret_post',
  scope: ['openid', 'profile', 'email', 'offline_access'],
  identity: 'id_token',
})
