import * as client from 'openid-client'
import { ConfigurationError, InvalidAuthError } from '../errors.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Reach } from '../ports/authorizer.ts'
import { codeAuthorizer } from './code-authorizer.ts'
import { deviceAuthorizer } from './device-authorizer.ts'
import { errorOf, refreshErrorOf } from './oauth-error.ts'
import type { GrantedTokens, OAuthTokens } from './oauth-tokens.ts'
import type { OAuthProviderOptions, Provider } from './provider.ts'
import { ServerMetadata } from './server-metadata.ts'
import { hasToken, standardAnswer, type TokenAnswer, tokenAnswerOf } from './token-answer.ts'
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
   * @throws InvalidAuthError if the service refuses the refresh token, or has granted none
   * @throws ClientRefusedError if the service refuses the client id or secret
   * @throws CannotConnectError, RateLimitedError, SetupError
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
    async call(reach, work, translate = errorOf) {
      let answer: TokenAnswer | null = null
      try {
        const server = await metadata.read(reach)
        const configuration = new client.Configuration(
          server,
          clientId,
          undefined,
          authenticationOf(server, clientSecret),
        )
        configuration[client.customFetch] = async (url, init) => {
          const response = await reach.fetch(url, { ...(init as RequestInit), signal: reach.signal })
          if (!isTokenEndpoint(server, url)) return response
          const given = await tokenAnswerOf(response)
          const standard = standardAnswer(given, response)
          answer = hasToken(given) ? null : given
          return standard
        }
        if (metadata.isLoopback) client.allowInsecureRequests(configuration)
        return await work(configuration)
      } catch (error) {
        throw translate(error, answer)
      }
    },
  }
  return {
    authorizationCode: () => codeAuthorizer(provider),
    deviceCode: () => deviceAuthorizer(provider),
    refresh: async ({ refreshToken }, reach) => {
      if (refreshToken === undefined) {
        throw new InvalidAuthError(
          'The service has granted no refresh token. Sign in again when the token expires.',
        )
      }
      return provider.call(
        reach,
        async (configuration) =>
          tokensOf(await client.refreshTokenGrant(configuration, refreshToken.reveal())),
        (error, answer) => refreshErrorOf(error, answer, options.isDead),
      )
    },
    expiresAt: ({ expiresAt }) => expiresAt ?? null,
  }
}

/**
 * Returns how the client authenticates. In the body, as most services accept it, unless the metadata of the
 * server lists HTTP Basic and not the body.
 */
function authenticationOf(
  { token_endpoint_auth_methods_supported: methods }: client.ServerMetadata,
  secret: string | undefined,
): client.ClientAuth {
  if (secret === undefined) return client.None()
  const onlyBasic =
    methods?.includes('client_secret_basic') === true && !methods.includes('client_secret_post')
  return onlyBasic ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret)
}

const isTokenEndpoint = ({ token_endpoint: endpoint }: client.ServerMetadata, url: string): boolean =>
  endpoint !== undefined && new URL(url).href === new URL(endpoint).href
