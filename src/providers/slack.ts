import { service } from './service.ts'

/**
 * Slack, for a bot of a workspace. The account is the workspace, or the organization of an org-wide app.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { slack } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = slack({ clientId: 'my-app', clientSecret, scope: ['chat:write', 'users:read'] })
 * ```
 */
export const slack = service({
  title: 'Slack',
  docs: 'https://docs.slack.dev/authentication/installing-with-oauth',
  register: 'https://api.slack.com/apps',
  sources: [
    'https://docs.slack.dev/reference/methods/oauth.v2.access (2026-11-30)',
    'https://docs.slack.dev/tools/node-slack-sdk/reference/oauth/interfaces/OAuthV2Response (2026-11-30)',
    'https://api.slack.com/methods/auth.revoke (2026-11-30)',
  ],
  unverified: ['refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://slack.com/oauth/v2/authorize',
    token: 'https://slack.com/api/oauth.v2.access',
  },
  clientAuth: 'client_secret_basic',
  scopeSeparator: ',',
  identity: { account: ['/team/id', '/enterprise/id'], login: '/team/name' },
  keep: { teamId: '/team/id' },
  revokes: 'token',
  revoke: ({ accessToken }) => ({
    method: 'POST',
    url: 'https://slack.com/api/auth.revoke',
    authorization: `Bearer ${accessToken}`,
  }),
})
