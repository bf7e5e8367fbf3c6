import { isObject } from './json-pointer.ts'
import { service } from './service.ts'
import { slackApp } from './slack-app.ts'

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
  ...slackApp,
  scopeParameter: 'user_scope',
  tokens: (reply) => (isObject(reply.authed_user) ? reply.authed_user : reply),
  identity: { account: ['/team/id', '/authed_user/id'], login: '/team/name' },
})
