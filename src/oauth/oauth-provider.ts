import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Reach } from '../ports/authorizer.ts'
import { codeAuthorizer } from './code-authorizer.ts'
import { deviceAuthorizer } from './device-authorizer.ts'
import { asked } from './oauth-error.ts'
import type { GrantedTokens, OAuthTokens } from './oauth-tokens.ts'
import { ServerMetadata } from './server-metadata.ts'
import { tokensOf } from './tokens-of.ts'

export interface OAuthProviderOptions {
  /** The issuer, whose metadata is discovered once; or the metadata itself, where the service publishes none. */
  readonly issuer: string | client.ServerMetadata
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  /** What to ask for, separated by spaces, for example `openid offline_access`. */
  readonly scope: string
  /** Sent with each request for access beside what OAuth asks for, for example `{ audience: '…' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The userinfo claim that is the identity, where it is not `iss` and `sub` of the ID token. */
  readonly accountClaim?: string
}

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

/** What the parts of a provider share. */
export interface Provider {
  readonly options: OAuthProviderOptions
  /** The client as the library knows it, reaching its server through what it is handed. */
  configured(reach: Pick<Reach, 'fetch' | 'signal'>): Promise<client.Configuration>
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
