import { service } from './service.ts'

/**
 * Airtable. It requires PKCE and at least one scope, and has no revocation.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { airtable } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = airtable({ clientId: 'my-app', clientSecret })
 * ```
 */
export const airtable = service({
  title: 'Airtable',
  docs: 'https://airtable.com/developers/web/api/oauth-reference',
  register: 'https://airtable.com/create/oauth',
  sources: ['https://airtable.com/developers/web/api/oauth-reference (2026-11-30, its beginning)'],
  unverified: ['client authentication', 'refusal of a refresh token', 'identity'],
  endpoints: {
    authorization: 'https://airtable.com/oauth2/v1/authorize',
    token: 'https://airtable.com/oauth2/v1/token',
  },
  clientAuth: 'client_secret_basic',
  scope: ['user.email:read'],
  identity: {
    request: { url: 'https://api.airtable.com/v0/meta/whoami' },
    account: ['/id'],
    login: '/email',
  },
})
