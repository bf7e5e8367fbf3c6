import { service } from './service.ts'

/**
 * Dropbox. Tokens expire after four hours.
 *
 * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
 * @example
 * ```ts
 * import { dropbox } from 'latchkey/providers'
 *
 * const clientSecret = process.env.CLIENT_SECRET ?? ''
 * export const { stored, methods } = dropbox({ clientId: 'my-app', clientSecret })
 * ```
 */
export const dropbox = service({
  title: 'Dropbox',
  docs: 'https://developers.dropbox.com/oauth-guide',
  register: 'https://www.dropbox.com/developers/apps',
  sources: [
    'https://dropbox.tech/developers/using-oauth-2-0-with-offline-access (2026-11-30)',
    'https://github.com/dropbox/dropbox-api-spec/blob/main/auth.stone (2026-11-30)',
  ],
  unverified: ['refusal of a refresh token', 'answer to a cancelled sign-in'],
  endpoints: {
    authorization: 'https://www.dropbox.com/oauth2/authorize',
    token: 'https://api.dropboxapi.com/oauth2/token',
  },
  clientAuth: 'client_secret_basic',
  parameters: { token_access_type: 'offline' },
  identity: { account: ['/account_id'] },
  revokes: 'token',
  revoke: ({ accessToken }) => ({
    method: 'POST',
    url: 'https://api.dropboxapi.com/2/auth/token/revoke',
    authorization: `Bearer ${accessToken}`,
  }),
})
