import { describe, expect, it } from '@jest/globals'
import { type Refusal, readRefusal } from '../../src/oauth/read-refusal.ts'
import { tokenAnswerOf } from '../../src/oauth/token-answer.ts'

type Row = readonly [service: string, status: number, body: object | string, contentType?: string]

const read = async ([, status, body, contentType = 'application/json']: Row): Promise<Refusal> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readRefusal(
    await tokenAnswerOf(new Response(text, { status, headers: { 'content-type': contentType } })),
  )
}

/**
 * Answers to a refresh, as the services document them or as users have reported them. Sources:
 *
 * - RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6
 * - GitHub: docs.github.com, "Troubleshooting OAuth app access token request errors", "Refreshing user access tokens"
 * - Slack: docs.slack.dev, `oauth.v2.access` and `tooling.tokens.rotate`
 * - HubSpot: github.com/HGData/mk-node-hubspot/issues/64, github.com/supaglue-labs/supaglue/pull/1935
 * - Atlassian: developer.atlassian.com, "OAuth 2.0 (3LO) apps"; github.com/raycast/extensions/issues/11836
 * - Microsoft Entra: learn.microsoft.com/entra/identity-platform/reference-error-codes
 * - Facebook: developers.facebook.com/docs/graph-api/guides/error-handling
 * - Strava: github.com/dreeveapp/dreeve/issues/1449
 * - Fitbit: github.com/home-assistant/core/issues/141223
 * - Twitch: github.com/teekeks/pytwitchapi/issues/37
 * - Twitter: github.com/plhery/node-twitter-api-v2/issues/496
 * - DeviantArt: github.com/wix-incubator/DeviantArt-API/issues/58
 * - Bitbucket: gist.github.com/ericchiang/6e82e497ec45ea2aedbf
 * - Intuit QuickBooks: github.com/intuit/oauth-jsclient/issues/77
 * - Google, Salesforce, Xero: workos.com/blog/invalid-grant-oauth-errors-by-provider
 */
const answers: { readonly [Meaning in Refusal]: readonly Row[] } = {
  grant: [
    ['RFC 6749', 400, { error: 'invalid_grant' }],
    ['Google', 400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }],
    [
      'GitHub',
      200,
      { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' },
    ],
    [
      'GitHub as a form',
      200,
      'error=bad_refresh_token&error_description=incorrect',
      'application/x-www-form-urlencoded',
    ],
    ['Slack', 200, { ok: false, error: 'invalid_refresh_token' }],
    ['Slack, revoked', 200, { ok: false, error: 'token_revoked' }],
    ['Slack, deleted user', 200, { ok: false, error: 'account_inactive' }],
    ['HubSpot', 400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }],
    ['Salesforce', 400, { error: 'invalid_grant', error_description: 'expired access/refresh token' }],
    ['Salesforce, inactive user', 400, { error: 'inactive_user', error_description: 'user is inactive' }],
    [
      'Microsoft Entra',
      400,
      {
        error: 'invalid_grant',
        error_description: 'AADSTS700082: The refresh token has expired due to inactivity.',
        error_codes: [700082],
      },
    ],
    [
      'Microsoft Entra, second factor',
      400,
      {
        error: 'interaction_required',
        error_description: 'AADSTS50076: You must use multi-factor authentication.',
        error_codes: [50076],
        suberror: 'basic_action',
      },
    ],
    ['Atlassian', 403, { error: 'unauthorized_client', error_description: 'refresh_token is invalid' }],
    [
      'Atlassian, password changed',
      403,
      { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    ],
    ['Shopify', 400, { error: 'invalid_grant', error_description: 'The refresh token is expired.' }],
    ['Notion', 400, { error: 'invalid_grant', request_id: '5f7' }],
    ['Zoom', 400, { reason: 'Invalid Token!', error: 'invalid_grant' }],
    ['Spotify', 400, { error: 'invalid_grant', error_description: 'Refresh token revoked' }],
    ['Dropbox', 400, { error_description: 'refresh token is invalid or revoked', error: 'invalid_grant' }],
    ['Discord', 400, { error: 'invalid_grant' }],
    ['Linear', 400, { error: 'invalid_grant', error_description: 'The refresh token is invalid.' }],
    ['Xero', 400, { error: 'invalid_grant' }],
    ['QuickBooks', 400, { error: 'invalid_grant' }],
    [
      'Twitter',
      400,
      { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' },
    ],
    [
      'DeviantArt',
      400,
      { error: 'invalid_request', error_description: 'The refresh_token is invalid.', status: 'error' },
    ],
    ['Twitch', 400, { status: 400, message: 'Invalid refresh token' }],
    [
      'Strava',
      400,
      {
        message: 'Bad Request',
        errors: [{ resource: 'RefreshToken', field: 'refresh_token', code: 'invalid' }],
      },
    ],
    [
      'Fitbit',
      400,
      { errors: [{ errorType: 'invalid_grant', message: 'Refresh token invalid: abc.' }], success: false },
    ],
    [
      'Facebook',
      400,
      {
        error: {
          message: 'Error validating access token',
          type: 'OAuthException',
          code: 190,
          error_subcode: 460,
        },
      },
    ],
    ['a text', 400, 'invalid_grant', 'text/plain'],
    ['a nested code', 400, { data: { errors: [{ detail: { code: 'invalid_grant' } }] } }],
    ['only a status of 401', 401, ''],
    ['a status of 403 and an object', 403, { message: 'Forbidden' }],
  ],
  client: [
    ['RFC 6749', 401, { error: 'invalid_client' }],
    ['RFC 6749', 400, { error: 'invalid_request' }],
    ['RFC 6749', 400, { error: 'unsupported_grant_type' }],
    ['RFC 6749', 400, { error: 'invalid_scope' }],
    ['an unusual status', 500, { error: 'invalid_client' }],
    ['Google', 401, { error: 'deleted_client', error_description: 'The OAuth client was deleted.' }],
    ['GitHub', 200, { error: 'incorrect_client_credentials' }],
    ['Slack', 200, { ok: false, error: 'bad_client_secret' }],
    ['HubSpot', 400, { status: 'BAD_CLIENT_ID', message: 'missing or unknown client id' }],
    ['Salesforce', 400, { error: 'invalid_client_id', error_description: 'client identifier invalid' }],
    [
      'Microsoft Entra',
      401,
      { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' },
    ],
    [
      'Microsoft Entra',
      400,
      {
        error: 'unauthorized_client',
        error_description: 'AADSTS700016: Application not found in the directory.',
      },
    ],
    [
      'Bitbucket',
      400,
      { error: 'unauthorized_client', error_description: 'Invalid OAuth client credentials' },
    ],
    [
      'Strava',
      400,
      { message: 'Bad Request', errors: [{ resource: 'Application', field: 'client_id', code: 'invalid' }] },
    ],
    [
      'Fitbit',
      401,
      { errors: [{ errorType: 'invalid_client', message: 'Invalid authorization header.' }], success: false },
    ],
    [
      'a missing parameter',
      400,
      { error: 'invalid_request', error_description: 'Missing parameter: refresh_token' },
    ],
  ],
  passes: [
    ['RFC 6749', 400, { error: 'temporarily_unavailable' }],
    ['RFC 6749', 400, { error: 'server_error' }],
    ['RFC 8628', 400, { error: 'slow_down' }],
    ['a timeout', 408, ''],
    ['too early', 425, ''],
    ['a limit', 429, { error: 'invalid_grant' }],
    ['a server that is down', 503, '<html>', 'text/html'],
    ['a server that is down, with a refusal', 500, { error: 'invalid_grant' }],
    ['Slack', 200, { ok: false, error: 'ratelimited' }],
    ['Slack', 200, { ok: false, error: 'internal_error' }],
    ['Slack', 200, { ok: false, error: 'service_unavailable' }],
    ['Slack', 200, { ok: false, error: 'request_timeout' }],
    ['Facebook', 400, { error: { message: 'An unknown error occurred', type: 'OAuthException', code: 2 } }],
    [
      'Facebook, a limit',
      400,
      { error: { message: 'Application request limit reached', type: 'OAuthException', code: 4 } },
    ],
    ['a limit without a code', 400, { message: 'You have made too many requests.' }],
  ],
  unclear: [
    ['Reddit', 400, { message: 'Bad Request', error: 400 }],
    ['a page of a hotel network', 200, '<!doctype html><title>Welcome</title>', 'text/html'],
    ['a page of a firewall', 403, '<html><title>Access denied</title></html>', 'text/html'],
    ['a moved endpoint', 404, 'Not found', 'text/plain'],
    ['an empty object', 200, {}],
    ['an unknown code', 400, { error: 'something_new' }],
    ['a list', 200, '[]'],
  ],
}

describe('readRefusal', () => {
  describe.each(Object.entries(answers))('reads as %s', (meaning, rows) => {
    it.each(rows.map((row) => [row[0], row[1], JSON.stringify(row[2]), row] as const))(
      '%s: %i %s',
      async (_service, _status, _body, row) => {
        expect(await read(row)).toBe(meaning)
      },
    )
  })

  const reddit = {
    status: 400,
    body: { message: 'Bad Request', error: 400 },
    isPage: false,
    retryAfter: null,
  }

  it('lets the author recognize an answer that it does not know', () => {
    expect(readRefusal(reddit, ({ status, body }) => status === 400 && typeof body === 'object')).toBe(
      'grant',
    )
    expect(readRefusal(reddit, () => false)).toBe('unclear')
  })

  it('does not ask the author about a wrong client or an outage', () => {
    const never = () => {
      throw new Error('It was called.')
    }
    expect(readRefusal({ ...reddit, body: { error: 'invalid_client' } }, never)).toBe('client')
    expect(readRefusal({ ...reddit, status: 503 }, never)).toBe('passes')
  })
})
