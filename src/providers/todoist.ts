import { service } from './service.ts'

/**
 * Todoist. Its tokens do not expire.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { todoist } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = todoist({ clientId: 'my-app', clientSecret })
 * ```
 */
export const todoist = service({
  title: 'Todoist',
  docs: 'https://developer.todoist.com/api/v1/#tag/Authorization',
  register: 'https://app.todoist.com/app/settings/integrations/app-management',
  sources: [],
  unverified: ['all'],
  endpoints: {
    authorization: 'https://todoist.com/oauth/authorize',
    token: 'https://todoist.com/oauth/access_token',
  },
  clientAuth: 'client_secret_post',
  pkce: false,
  scope: ['data:read'],
  scopeSeparator: ',',
  identity: { request: { url: 'https://api.todoist.com/api/v1/user' }, account: ['/id'], login: '/email' },
})
