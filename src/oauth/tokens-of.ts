import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { GrantedTokens } from './oauth-tokens.ts'

/**
 * Converts the response of a token endpoint to stored fields. Omits missing members, so that a merge keeps the old
 * values.
 */
export function tokensOf(reply: TokenEndpointResponse & TokenEndpointResponseHelpers): GrantedTokens {
  const { access_token: accessToken, refresh_token: refreshToken } = reply
  const seconds = reply.expiresIn()
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1000 }),
  }
}
