import * as z from 'zod'
import { service } from './service.ts'

/**
 * Zendesk. The user enters the subdomain first. A client belongs to one Zendesk, unless it is global.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { zendesk } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = zendesk({ clientId: 'my-app', clientSecret })
 * ```
 */
export const zendesk = service({
  title: 'Zendesk',
  docs: 'https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/',
  register: 'https://support.zendesk.com/hc/en-us/articles/4408845965210',
  sources: [
    'https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/ (2026-11-30)',
    'https://developer.zendesk.com/documentation/authentication/ (2026-11-30)',
  ],
  unverified: ['refusal of a refresh token', 'request that revokes a token', 'answer to a cancelled sign-in'],
  fields: {
    subdomain: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/i, 'Enter the name before ".zendesk.com"')
      .meta({ title: 'Subdomain', description: 'The name before ".zendesk.com"' }),
  },
  allowedHosts: ['*.zendesk.com'],
  endpoints: {
    authorization: 'https://{subdomain}.zendesk.com/oauth/authorizations/new',
    token: 'https://{subdomain}.zendesk.com/oauth/tokens',
  },
  clientAuth: 'client_secret_post',
  tokenRequestFormat: 'json',
  scope: ['read'],
  identity: {
    request: { url: 'https://{subdomain}.zendesk.com/api/v2/users/me.json' },
    account: ['/user/url'],
    login: '/user/email',
  },
  revokes: 'token',
  revoke: ({ accessToken }) => ({
    method: 'DELETE',
    url: 'https://{subdomain}.zendesk.com/api/v2/oauth/tokens/current.json',
    authorization: `Bearer ${accessToken}`,
  }),
})
