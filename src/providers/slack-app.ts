import type { RequestValues, ServiceRequest } from './service-data.ts'

/** The facts that Slack's bots and users have in common. */
export const slackApp = {
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
  keep: { teamId: '/team/id' },
  // A sign-in returns the token of the last one until that is revoked.
  revokes: 'account',
  revoke: ({ accessToken }: RequestValues): ServiceRequest => ({
    method: 'POST',
    url: 'https://slack.com/api/auth.revoke',
    authorization: `Bearer ${accessToken}`,
  }),
} as const
