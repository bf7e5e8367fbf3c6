import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { GrantedTokens } from './oauth-tokens.ts'

/** What a token endpoint answered, as it is kept. A part that it left out is left out: whoever merges it keeps the old. */
export function tokensOf(reply: TokenEndpointResponse & TokenEndpointResponseHelpers): GrantedTokens {
  const { access_token: accessToken, refresh_token: refreshToken } = reply
  const seconds = reply.expiresIn()
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1000 }),
  }
}
