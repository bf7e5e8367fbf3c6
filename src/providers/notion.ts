import { service } from './service.ts'

/**
 * Notion. The user selects the pages in the sign-in, so there are no scopes.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { notion } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = notion({ clientId: 'my-app', clientSecret })
 * ```
 */
export const notion = service({
  title: 'Notion',
  docs: 'https://developers.notion.com/guides/get-started/authorization',
  register: 'https://www.notion.so/my-integrations',
  sources: [
    'https://developers.notion.com/reference/create-a-token (2026-11-30)',
    'https://developers.notion.com/reference/refresh-a-token (2026-11-30)',
    'https://developers.notion.com/changelog/initial-users-may-reauthorize-a-public-integration-using-oauth (2026-11-30)',
  ],
  unverified: ['parameter owner', 'refusal of a refresh token', 'request that revokes a token'],
  endpoints: {
    authorization: 'https://api.notion.com/v1/oauth/authorize',
    token: 'https://api.notion.com/v1/oauth/token',
  },
  clientAuth: 'client_secret_basic',
  tokenRequestFormat: 'json',
  pkce: false,
  parameters: { owner: 'user' },
  identity: { account: ['/workspace_id', '/owner/user/id'], login: '/workspace_name' },
  keep: { workspaceId: '/workspace_id' },
  // A sign-in can return the tokens of the last one.
  revokes: 'account',
  revoke: ({ basic, accessToken }) => ({
    url: 'https://api.notion.com/v1/oauth/revoke',
    authorization: basic,
    json: { token: accessToken },
  }),
})
