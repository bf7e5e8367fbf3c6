import { service } from './service.ts'

/**
 * Google. A refresh token is only granted with the consent page, so each sign-in shows it.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { google } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = google({ clientId: 'my-app', clientSecret, scope: ['openid', 'https://www.googleapis.com/auth/calendar.readonly'] })
 * ```
 */
export const google = service({
  title: 'Google',
  docs: 'https://developers.google.com/identity/protocols/oauth2/web-server',
  register: 'https://console.cloud.google.com/apis/credentials',
  sources: ['https://developers.google.com/identity/protocols/oauth2/web-server (2026-11-30, its beginning)'],
  unverified: ['parameters for a refresh token', 'refusal of a refresh token', 'extent of a revocation'],
  endpoints: {
    issuer: 'https://accounts.google.com',
    authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
    token: 'https://oauth2.googleapis.com/token',
    revocation: 'https://oauth2.googleapis.com/revoke',
    device: 'https://oauth2.googleapis.com/device/code',
    userinfo: 'https://openidconnect.googleapis.com/v1/userinfo',
  },
  clientAuth: 'client_secret_post',
  scope: ['openid', 'email'],
  parameters: { access_type: 'offline', prompt: 'consent' },
  identity: 'id_token',
  // All grants of the user for the project of the app.
  revokes: 'account',
})
