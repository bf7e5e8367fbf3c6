import { service } from './service.ts'

/**
 * Stripe Connect, for standard accounts. The client secret is the secret key of the platform.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { stripe } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = stripe({ clientId: 'my-app', clientSecret })
 * ```
 */
export const stripe = service({
  title: 'Stripe',
  docs: 'https://docs.stripe.com/connect/oauth-reference',
  register: 'https://dashboard.stripe.com/settings/connect/onboarding-options/oauth',
  sources: ['https://docs.stripe.com/connect/oauth-reference (2026-11-30, its beginning)'],
  unverified: ['lifetime of a token', 'request that ends a connection', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://connect.stripe.com/oauth/authorize',
    token: 'https://connect.stripe.com/oauth/token',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  scope: ['read_write'],
  identity: { account: ['/stripe_user_id'] },
  revokes: 'account',
  revoke: ({ clientId, clientSecret, account = '' }) => ({
    url: 'https://connect.stripe.com/oauth/deauthorize',
    authorization: `Bearer ${clientSecret}`,
    form: { client_id: clientId, stripe_user_id: account },
  }),
})
