import { service } from './service.ts'

/**
 * Bitbucket Cloud. The scopes are those of the OAuth consumer.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { bitbucket } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = bitbucket({ clientId: 'my-app', clientSecret })
 * ```
 */
export const bitbucket = service({
  title: 'Bitbucket',
  docs: 'https://developer.atlassian.com/cloud/bitbucket/oauth-2/',
  register: 'https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/',
  sources: [],
  unverified: ['all'],
  endpoints: {
    authorization: 'https://bitbucket.org/site/oauth2/authorize',
    token: 'https://bitbucket.org/site/oauth2/access_token',
  },
  clientAuth: 'client_secret_basic',
  pkce: false,
  identity: {
    request: { url: 'https://api.bitbucket.org/2.0/user' },
    account: ['/uuid'],
    login: '/display_name',
  },
})
