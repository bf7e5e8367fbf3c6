import { service } from './service.ts'
import { slackApp } from './slack-app.ts'

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
  ...slackApp,
  identity: { account: ['/team/id', '/enterprise/id'], login: '/team/name' },
})
