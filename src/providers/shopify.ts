import * as z from 'zod'
import { service } from './service.ts'
import { hasHmac } from './signed-callback.ts'

/**
 * Shopify. The user enters the name of the shop first. Public apps must use tokens that expire.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { shopify } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = shopify({ clientId: 'my-app', clientSecret, scope: ['read_products'] })
 * ```
 */
export const shopify = service({
  title: 'Shopify',
  docs: 'https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps',
  register: 'https://dev.shopify.com/dashboard',
  sources: [
    'https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps (2026-11-30)',
    'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens (2026-11-30)',
    'https://shopify.dev/changelog/offline-access-tokens-now-support-expiry-and-refresh (2026-11-30)',
  ],
  unverified: ['parameter expiring', 'refusal of a refresh token', 'answer to a cancelled sign-in'],
  fields: {
    shop: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/i, 'Enter the name before ".myshopify.com"')
      .meta({ title: 'Shop', description: 'The name before ".myshopify.com"' }),
  },
  allowedHosts: ['*.myshopify.com'],
  endpoints: {
    authorization: 'https://{shop}.myshopify.com/admin/oauth/authorize',
    token: 'https://{shop}.myshopify.com/admin/oauth/access_token',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  scopeSeparator: ',',
  tokenParameters: { expiring: '1' },
  verifyCallback: hasHmac,
  // The parameter of the callback. The code can only be redeemed at this shop.
  identity: { account: ['?shop'], login: '?shop' },
})
