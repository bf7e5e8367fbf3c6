import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Reach } from '../ports/authorizer.ts'
import { codeAuthorizer } from './code-authorizer.ts'
import { deviceAuthorizer } from './device-authorizer.ts'
import { translateErrors } from './oauth-error.ts'
import type { GrantedTokens, OAuthTokens } from './oauth-tokens.ts'
import type { OAuthProviderOptions, Provider } from './provider.ts'
import { ServerMetadata } from './server-metadata.ts'
import { tokensOf } from './tokens-of.ts'

/** The OAuth client of one service. Create it with {@link oauthProvider}. */
export interface OAuthProvider {
  /** Returns the sign-in method with the service's page in the browser. */
  authorizationCode(): CodeAuthorizer
  /** Returns the sign-in method with a code that users enter on another device. */
  deviceCode(): DeviceAuthorizer
  /**
   * Refreshes tokens. Use it as `refresh` of an integration.
   *
   * @throws InvalidAuthError, CannotConnectError, RateLimitedError, SetupError
   */
  refresh(stored: OAuthTokens, reach: Pick<Reach, 'fetch' | 'signal'>): Promise<GrantedTokens>
  /** Returns the expiration time of the access token. Use it as `expiresAt` of an integration. */
  expiresAt(stored: OAuthTokens): number | null
}

/**
 * Creates the OAuth 2 or OpenID Connect client of a service, for the sign-in methods of an integration and for the
 * refresh of its tokens.
 *
 * @throws ConfigurationError if `clientId` or `scope` is empty, or if the issuer is not an HTTPS URL
 * @example
 * ```ts
 * import { oauthProvider, oauthTokens } from 'latchkey/oauth'
 * import { defineIntegrationWithMethods } from 'latchkey'
 * import * as z from 'zod'
 *
 * const provider = oauthProvider({
 *   issuer: 'https://login.example',
 *   clientId: 'latchkey',
 *   scope: 'openid offline_access',
 * })
 *
 * export const account = defineIntegrationWithMethods({
 *   domain: 'example_account',
 *   title: 'Example account',
 *   stored: z.object({ ...oauthTokens }),
 *   methods: {
 *     browser: { title: 'In this browser', authorize: provider.authorizationCode() },
 *     device: { title: 'With a code on another device', authorize: provider.deviceCode() },
 *   },
 *   refresh: provider.refresh,
 *   expiresAt: provider.expiresAt,
 *   connect: async ({ account, accessToken }) => ({
 *     client: { token: () => accessToken.reveal() },
 *     uniqueId: account ?? null,
 *   }),
 * })
 * ```
 */
export function oauthProvider(options: OAuthProviderOptions): OAuthProvider {
  const { clientId, clientSecret } = options
  if (!(clientId.length > 0 && options.scope.length > 0)) {
    throw new ConfigurationError('Missing clientId or scope. oauthProvider needs both.')
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
      translateErrors(async () => {
        const configuration = await provider.configured(reach)
        return tokensOf(await client.refreshTokenGrant(configuration, refreshToken?.reveal() ?? ''))
      }),
    expiresAt: ({ expiresAt }) => expiresAt ?? null,
  }
}
