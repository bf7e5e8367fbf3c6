import { type Configuration, tokenRevocation } from 'openid-client'
import { Secret } from '../authoring/secret.ts'
import { CannotConnectError, RateLimitedError } from '../errors.ts'
import type { Grants, Reach } from '../ports/authorizer.ts'
import type { JsonObject } from '../ports/json.ts'
import { hookError } from './hooks.ts'
import { assertGrantedBy, issuerOf, originOf } from './issuing-server.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import type { Provider, ProviderOptions } from './provider.ts'
import { deleteClient } from './register-client.ts'

/** The revocation of an authorizer. */
type Revoke = (values: JsonObject, reach: Reach) => Promise<void>

/** Returns the members that the authorizers of a provider share. */
export function grantsOf(provider: Provider): Grants {
  const { options, problem } = provider
  const revoke = revocationOf(provider)
  return {
    revokes: revokesOf(options),
    boundTo: ['clientId', 'clientOf', 'tokensOf'],
    ...(options.register !== undefined && { preparedFields: ['clientId', 'clientOf'] }),
    ...(revoke !== null && { revoke }),
    ...(problem !== null && { problem }),
  }
}

/** Returns what a revocation ends: with `register`, each grant has its own client. */
const revokesOf = ({ revokes, register }: ProviderOptions): 'token' | 'account' =>
  revokes ?? (register === undefined ? 'account' : 'token')

/** Returns the revocation of a provider, and of its registered client; null if it revokes nothing. */
function revocationOf(provider: Provider): Revoke | null {
  const revoke = tokenRevocationOf(provider)
  if (provider.options.register === undefined) return revoke
  return async (values, reach) => {
    try {
      // A client that was prepared for a sign-in may have no grant.
      if (values.accessToken !== undefined) await revoke?.(values, reach)
    } catch (error) {
      // The next attempt needs the client, unless the server will always refuse.
      if (!isPassing(error)) await deleteClient(values, reach)
      throw error
    }
    await deleteClient(values, reach)
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof CannotConnectError || error instanceof RateLimitedError

/** Returns the revocation of tokens; null if the provider revokes none. */
function tokenRevocationOf(provider: Provider): Revoke | null {
  const { revoke } = provider.options
  if (revoke === false) return null
  if (revoke === undefined) {
    return (values, reach) =>
      provider.call(reach, ({ configuration, origin }) => {
        assertGrantedBy(origin, values.tokensOf)
        return revokeTokens(configuration, values)
      })
  }
  return async (values, reach) => {
    const { fields = {} } = reach
    assertGrantedBy(originOf(issuerOf(provider.options, fields)), values.tokensOf)
    try {
      await revoke(storedOf(values), reach)
    } catch (error) {
      throw hookError('revoke', values, error)
    }
  }
}

/** Returns unencrypted values as `connect` receives those of `oauthTokens`. */
function storedOf(values: JsonObject): OAuthTokens & JsonObject {
  const { accessToken, refreshToken, ...rest } = values
  const stored = {
    ...rest,
    accessToken: new Secret(String(accessToken)),
    ...(typeof refreshToken === 'string' && { refreshToken: new Secret(refreshToken) }),
  }
  return stored as OAuthTokens & JsonObject
}

/**
 * Revokes the tokens of a grant if the service supports it (RFC 7009). The refresh token first, because it lives
 * longer.
 */
async function revokeTokens(configuration: Configuration, values: JsonObject): Promise<void> {
  if (configuration.serverMetadata().revocation_endpoint === undefined) return
  const { refreshToken, accessToken } = values
  if (typeof refreshToken === 'string') {
    await tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' })
  }
  if (typeof accessToken === 'string') {
    await tokenRevocation(configuration, accessToken, { token_type_hint: 'access_token' })
  }
}
