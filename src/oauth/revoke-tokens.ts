import { type Configuration, tokenRevocation } from 'openid-client'
import type { JsonObject } from '../ports/json.ts'

/**
 * Revokes the tokens of a grant if the service supports it (RFC 7009). The refresh token first, because it lives
 * longer.
 */
export async function revokeTokens(configuration: Configuration, values: JsonObject): Promise<void> {
  if (configuration.serverMetadata().revocation_endpoint === undefined) return
  const { refreshToken, accessToken } = values
  if (typeof refreshToken === 'string') {
    await tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' })
  }
  if (typeof accessToken === 'string') {
    await tokenRevocation(configuration, accessToken, { token_type_hint: 'access_token' })
  }
}
