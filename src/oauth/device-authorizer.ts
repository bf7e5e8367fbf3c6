import * as client from 'openid-client'
import type { DeviceAuthorizer, DevicePoll } from '../ports/authorizer.ts'
import { accountOf } from './account-of.ts'
import { denialOf } from './denial.ts'
import { grantedValues } from './granted-values.ts'
import type { Provider } from './provider.ts'
import { DEVICE_GRANT } from './register-client.ts'
import { preparedClient, withPrepared } from './registered-client.ts'
import { grantsOf } from './revoke-tokens.ts'

/** The default polling interval in seconds (RFC 8628, 3.2). */
const INTERVAL = 5

/** The error codes of the token endpoint that are results of a poll (RFC 8628, 3.5). */
const RESULTS: ReadonlyMap<string, DevicePoll> = new Map([
  ['authorization_pending', { type: 'pending' }],
  ['slow_down', { type: 'slow_down' }],
  ['expired_token', { type: 'expired' }],
  // Some servers delete an expired code.
  ['invalid_grant', { type: 'expired' }],
])

/**
 * The device authorization grant. It polls once per call, because the library's own polling would not end with the
 * flow.
 */
export function deviceAuthorizer(provider: Provider): DeviceAuthorizer {
  const { options, scope } = provider
  const { parameters = {}, tokenParameters = {} } = options
  return {
    grant: 'device',
    ...(options.register !== undefined && {
      prepare: (prepared, reach) => preparedClient(options, { redirectUris: [], prepared }, reach),
    }),
    begin: (reach, prepared) =>
      provider.call(withPrepared(reach, prepared), async ({ configuration }) => {
        const code = await client.initiateDeviceAuthorization(configuration, {
          ...parameters,
          ...(scope !== null && { scope }),
        })
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
    poll: (deviceCode, reach, prepared) =>
      provider.call(withPrepared(reach, prepared), async (session) => {
        const { configuration } = session
        try {
          const request = { ...tokenParameters, device_code: deviceCode }
          const grant = await client.genericGrantRequest(configuration, DEVICE_GRANT, request)
          const account = await accountOf(provider, configuration, { grant, reach })
          const values = {
            ...prepared,
            ...account,
            ...grantedValues(provider, { grant, reply: session.reply }),
          }
          return { type: 'granted', values: { ...values, tokensOf: session.origin } }
        } catch (error) {
          const result = error instanceof client.ResponseBodyError ? RESULTS.get(error.error) : undefined
          const known = result ?? denialOf(error)
          if (known === null) throw error
          return known
        }
      }),
    ...grantsOf(provider),
  }
}
