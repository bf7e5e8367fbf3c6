import * as client from 'openid-client'
import type { DeviceAuthorizer, DevicePoll } from '../ports/authorizer.ts'
import { accountOf } from './account-of.ts'
import { asked } from './oauth-error.ts'
import type { Provider } from './provider.ts'
import { revokeTokens } from './revoke-tokens.ts'
import { tokensOf } from './tokens-of.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
/** Where the server says none (RFC 8628, 3.2). */
const INTERVAL = 5

/** What the token endpoint answers as long as nobody has said yes (RFC 8628, 3.5). */
const answers: ReadonlyMap<string, DevicePoll> = new Map([
  ['authorization_pending', { type: 'pending' }],
  ['slow_down', { type: 'slow_down' }],
  ['access_denied', { type: 'rejected' }],
  ['expired_token', { type: 'expired' }],
  // The code is not known any more: some servers forget it when it ends.
  ['invalid_grant', { type: 'expired' }],
])

/** The device authorization grant, one question at a time: the library's own polling would outlive whoever watches. */
export function deviceAuthorizer(provider: Provider): DeviceAuthorizer {
  const { scope, parameters = {}, accountClaim } = provider.options
  return {
    grant: 'device',
    begin: (reach) =>
      asked(async () => {
        const configuration = await provider.configured(reach)
        const code = await client.initiateDeviceAuthorization(configuration, { ...parameters, scope })
        const complete = code.verification_uri_complete
        return {
          deviceCode: code.device_code,
          userCode: code.user_code,
          verificationUri: code.verification_uri,
          ...(complete !== undefined && { verificationUriComplete: complete }),
          interval: (code.interval ?? INTERVAL) * 1000,
          lifetime: code.expires_in * 1000,
        }
      }),
    poll: (deviceCode, reach) =>
      asked(async () => {
        const configuration = await provider.configured(reach)
        try {
          const reply = await client.genericGrantRequest(configuration, GRANT, { device_code: deviceCode })
          const values = { ...tokensOf(reply), ...(await accountOf(configuration, reply, accountClaim)) }
          return { type: 'granted', values }
        } catch (error) {
          const answer = error instanceof client.ResponseBodyError ? answers.get(error.error) : undefined
          if (answer === undefined) throw error
          return answer
        }
      }),
    revoke: (values, reach) => asked(async () => revokeTokens(await provider.configured(reach), values)),
  }
}
