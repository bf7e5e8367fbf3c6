import * as client from 'openid-client'
import { ConfigurationError, InvalidAuthError } from '../errors.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Reach } from '../ports/authorizer.ts'
import type { JsonObject } from '../ports/json.ts'
import { assertHosts } from './allowed-hosts.ts'
import { assertAuthentication } from './client-authentication.ts'
import { codeAuthorizer } from './code-authorizer.ts'
import { deviceAuthorizer } from './device-authorizer.ts'
import { grantedValues } from './granted-values.ts'
import { assertGrantedBy } from './issuing-server.ts'
import { refreshErrorOf } from './oauth-error.ts'
import type { GrantedTokens, OAuthTokens } from './oauth-tokens.ts'
import type {
  OAuthProviderOptions,
  Provider,
  ProviderOptions,
  RegisteringOptions,
  SignInFields,
} from './provider.ts'
import { ProviderCalls } from './provider-calls.ts'
import { scopeOf } from './scope-of.ts'

/** The OAuth client of one service. Create it with {@link oauthProvider}. */
export interface OAuthProvider {
  /** Returns the sign-in method with the service's page in the browser. */
  authorizationCode(): CodeAuthorizer
  /** Returns the sign-in method with a code that users enter on another device. */
  deviceCode(): DeviceAuthorizer
  /**
   * Refreshes tokens. Use it as `refresh` of an integration.
   *
   * @throws InvalidAuthError if the service refuses the refresh token, has granted none, or is at another server now
   * @throws ClientRefusedError if the service refuses the client id or secret; InvalidAuthError with `register`
   * @throws CannotConnectError, RateLimitedError, SetupError
   */
  refresh(stored: OAuthTokens, reach: Pick<Reach, 'fetch' | 'signal'>): Promise<GrantedTokens & JsonObject>
  /** Returns the expiration time of the access token. Use it as `expiresAt` of an integration. */
  expiresAt(stored: OAuthTokens): number | null
}

/**
 * Creates the OAuth 2 or OpenID Connect client of a service, for the sign-in methods of an integration and for the
 * refresh of its tokens.
 *
 * @throws ConfigurationError if `clientId` is empty, if the issuer is not an HTTPS URL, if a host of `allowedHosts` is
 *   invalid, or if the credential of `tokenEndpointAuthMethod` is missing
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
export function oauthProvider<Before extends object = SignInFields>(
  given: OAuthProviderOptions<Before> | RegisteringOptions<Before>,
): OAuthProvider {
  const options = { clientId: '', ...given } as ProviderOptions
  if (options.clientId === '' && options.register === undefined)
    throw new ConfigurationError('Missing clientId. oauthProvider needs it.')
  assertAuthentication(options)
  assertHosts(options.allowedHosts ?? [])
  const calls = new ProviderCalls(options)
  const scope = scopeOf(options)
  const provider: Provider = {
    options,
    scope,
    isOpenId: options.idToken !== false && scope?.split(/[ ,]/).includes('openid') === true,
    problem: problemOf(options),
    call: (reach, work, callOptions) => calls.run(reach, work, callOptions),
  }
  return {
    authorizationCode: () => codeAuthorizer(provider),
    deviceCode: () => deviceAuthorizer(provider),
    refresh: async (stored, { fetch, signal }) => {
      const { refreshToken } = stored
      if (refreshToken === undefined) {
        throw new InvalidAuthError(
          'The service has granted no refresh token. Sign in again when the token expires.',
        )
      }
      return provider.call(
        { fetch, signal, fields: { ...stored } },
        async (session) => {
          assertGrantedBy(session.origin, stored.tokensOf)
          const parameters = options.refreshParameters ?? {}
          const token = refreshToken.reveal()
          const grant = await client.refreshTokenGrant(session.configuration, token, parameters)
          const granted = grantedValues(provider, { grant, reply: session.reply })
          return { ...granted, tokensOf: session.origin }
        },
        {
          translate: (error, answer) => refreshErrorOf(error, answer, options.isDead),
          refreshes: true,
        },
      )
    },
    expiresAt: ({ expiresAt }) => expiresAt ?? null,
  }
}

/** A user who enters the address of the server would receive the secret of the host. */
function problemOf({ issuer, clientSecret, privateKey, allowedHosts }: OAuthProviderOptions): string | null {
  // A function without parameters returns a secret of the host, not one of the user.
  const isHosts = typeof clientSecret === 'function' ? clientSecret.length === 0 : clientSecret !== undefined
  if (typeof issuer !== 'function' || !(isHosts || privateKey !== undefined)) return null
  if (allowedHosts !== undefined && allowedHosts.length > 0) return null
  return 'its OAuth server depends on the input, and the client secret does not. List the servers that receive the secret in allowedHosts.'
}
