import { isObject } from './json-pointer.ts'
import { service } from './service.ts'

/**
 * Slack, for a user. The reply contains the tokens of the user in `authed_user`.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { slackUser } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = slackUser({ clientId: 'my-app', clientSecret, scope: ['chat:write'] })
 * ```
 */
export const slackUser = service({
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
  scopeParameter: 'user_scope',
  tokens: (reply) => (isObject(reply.authed_user) ? reply.authed_user : reply),
  identity: { account: ['/team/id', '/authed_user/id'], login: '/team/name' },
  keep: { teamId: '/team/id' },
  revokes: 'token',
  revoke: ({ accessToken }) => ({
    method: 'POST',
    url: 'https://slack.com/api/auth.revoke',
    authorization: `Bearer ${accessToken}`,
  }),
})
