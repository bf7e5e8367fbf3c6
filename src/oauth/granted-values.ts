import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { JsonObject } from '../ports/json.ts'
import { callHook, objectOf } from './hooks.ts'
import type { GrantedTokens } from './oauth-tokens.ts'
import type { Provider } from './provider.ts'

/** A token that the service has granted. */
export interface Grant {
  readonly grant: TokenEndpointResponse & TokenEndpointResponseHelpers
  /** The reply as the service has sent it. */
  readonly reply: JsonObject
  /** Absent for a device code and a refresh. */
  readonly callback?: URL
}

/**
 * Returns the stored fields of a grant: those that `keep` returns, and the tokens. Omits missing members, so that a
 * merge keeps the old values.
 *
 * @throws SetupError if `keep` throws or returns nonsense
 */
export function grantedValues(
  { options: { keep } }: Pick<Provider, 'options'>,
  { grant, reply, callback = new URL('about:blank') }: Grant,
): GrantedTokens & JsonObject {
  const kept =
    keep === undefined ? {} : callHook('keep', reply, () => objectOf('keep', keep(reply, callback)))
  const members = Object.entries(kept).filter(([, value]) => value !== null && value !== undefined)
  const { access_token: accessToken, refresh_token: refreshToken } = grant
  const seconds = grant.expiresIn()
  return {
    ...Object.fromEntries(members),
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1000 }),
  }
}
