import { service } from './service.ts'

/**
 * Linear. The account is the user in one workspace.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { linear } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = linear({ clientId: 'my-app', clientSecret, scope: ['read', 'write'] })
 * ```
 */
export const linear = service({
  title: 'Linear',
  docs: 'https://linear.app/developers/oauth-2-0-authentication',
  register: 'https://linear.app/settings/api/applications/new',
  sources: ['https://linear.app/developers/oauth-2-0-authentication (2026-11-30)'],
  unverified: ['revocation', 'refusal of a refresh token', 'query of the identity'],
  endpoints: {
    authorization: 'https://linear.app/oauth/authorize',
    token: 'https://api.linear.app/oauth/token',
    revocation: 'https://api.linear.app/oauth/revoke',
  },
  clientAuth: 'client_secret_post',
  scope: ['read'],
  scopeSeparator: ',',
  identity: {
    request: {
      url: 'https://api.linear.app/graphql',
      json: { query: '{ viewer { id email organization { id } } }' },
    },
    account: ['/data/viewer/organization/id', '/data/viewer/id'],
    login: '/data/viewer/email',
  },
  revokes: 'token',
})
