import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Reach } from '../ports/authorizer.ts'
import { codeAuthorizer } from './code-authorizer.ts'
import { deviceAuthorizer } from './device-authorizer.ts'
import { asked } from './oauth-error.ts'
import type { GrantedTokens, OAuthTokens } from './oauth-tokens.ts'
import type { OAuthProviderOptions, Provider } from './provider.ts'
import { ServerMetadata } from './server-metadata.ts'
import { tokensOf } from './tokens-of.ts'

/** One service's OAuth: its ways in, and what keeps its tokens fresh. */
export interface OAuthProvider {
  /** The way in through the service's page. */
  authorizationCode(): CodeAuthorizer
  /** The way in by a code that is entered on another device. */
  deviceCode(): DeviceAuthorizer
  /** For an integration's `refresh`. @throws InvalidAuthError, CannotConnectError, RateLimitedError, SetupError */
  refresh(stored: OAuthTokens, reach: Pick<Reach, 'fetch' | 'signal'>): Promise<GrantedTokens>
  /** For an integration's `expiresAt`. */
  expiresAt(stored: OAuthTokens): number | null
}

/**
 * Describes an OAuth 2 or OpenID Connect service once, for all ways in and for the refresh of its tokens.
 *
 * @throws ConfigurationError where the issuer cannot be reached safely
 */
export function oauthProvider(options: OAuthProviderOptions): OAuthProvider {
  const { clientId, clientSecret } = options
  if (!(clientId.length > 0 && options.scope.length > 0)) {
    throw new ConfigurationError('An OAuth provider needs a clientId and a scope.')
  }
  const metadata = new ServerMetadata(options.issuer)
  const provider: Provider = {
    options,
    async configured(reach) {
      const server = await metadata.read(reach)
      const configuration = new client.Configuration(server, clientId, clientSecret)
      configuration[client.customFetch] = (url, init) =>
        reach.fetch(url, { ...(init as RequestInit), signal: reach.signal })
      if (metadata.isLoopback) client.allowInsecureRequests(configuration)
      return configuration
    },
  }
  return {
    authorizationCode: () => codeAuthorizer(provider),
    deviceCode: () => deviceAuthorizer(provider),
    refresh: ({ refreshToken }, reach) =>
      asked(async () => {
        const configuration = await provider.configured(reach)
        return tokensOf(await client.refreshTokenGrant(configuration, refreshToken?.reveal() ?? ''))
      }),
    expiresAt: ({ expiresAt }) => expiresAt ?? null,
  }
}
