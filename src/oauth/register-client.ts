import * as client from 'openid-client'
import { rateLimitIn } from '../authoring/rate-limit.ts'
import { byStatus, errorOf } from './oauth-error.ts'
import type { ProviderReach, SignInFields, TokenEndpointAuthMethod } from './provider.ts'
import { scopeOf } from './scope-of.ts'
import { ServerMetadata } from './server-metadata.ts'
import { standardRegistration, tokenAnswerOf } from './token-answer.ts'

/** The options of {@link registerClient}. */
export interface RegistrationOptions {
  /** The issuer, whose metadata names the registration endpoint, or the metadata itself. */
  readonly issuer: string | client.ServerMetadata
  /** The redirect URIs of the host. Empty for a client that signs in with device codes. */
  readonly redirectUris: readonly string[]
  /** The name of the application that users see at the service. */
  readonly clientName?: string
  readonly scope?: string | readonly string[]
  /** Defaults to `none` if the server supports it, since PKCE protects the code. */
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod
  /** The token that some servers require for a registration. */
  readonly initialAccessToken?: string
}

/** A registered client: options of `oauthProvider`. */
export interface RegisteredClient {
  readonly clientId: string
  readonly clientSecret?: string
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod
  /** The address that deletes the client, and the token for it, if the server has named them (RFC 7592). */
  readonly registrationUri?: string
  readonly registrationToken?: string
}

/** The grant of device codes (RFC 8628, 3.4). */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Whether a token may be sent to an address: with HTTPS, or to a server on this machine. */
const isSecure = (uri: string, { isLoopback, name }: ServerMetadata): boolean =>
  uri.startsWith('https://') || (isLoopback && URL.parse(uri)?.origin === new URL(name).origin)

const METHODS: readonly string[] = ['client_secret_basic', 'client_secret_post', 'none']

/**
 * Registers a client at a server (RFC 7591). Store the result, and pass it to `oauthProvider`.
 *
 * @throws ConfigurationError if the issuer is not an HTTPS URL
 * @throws CannotConnectError, RateLimitedError, SetupError
 * @example
 * ```ts
 * import { registerClient } from 'latchkey/oauth'
 *
 * const registered = await registerClient({
 *   issuer: 'https://mcp.example',
 *   redirectUris: ['https://hub.example/latchkey/oauth/callback/notes'],
 *   clientName: 'Hub',
 * })
 * ```
 */
export async function registerClient(
  options: RegistrationOptions,
  reach: Partial<Pick<ProviderReach, 'fetch' | 'signal'>> = {},
): Promise<RegisteredClient> {
  const { fetch = globalThis.fetch, signal = AbortSignal.timeout(30_000) } = reach
  const metadata = new ServerMetadata(options.issuer)
  try {
    const server = await metadata.read({ fetch, signal })
    const { initialAccessToken, clientName } = options
    const scope = scopeOf(options)
    const method =
      options.tokenEndpointAuthMethod ??
      (server.token_endpoint_auth_methods_supported?.includes('none') === true ? 'none' : undefined)
    const isDevice = options.redirectUris.length === 0
    const requested = {
      ...(!isDevice && { redirect_uris: [...options.redirectUris] }),
      grant_types: [isDevice ? DEVICE_GRANT : 'authorization_code', 'refresh_token'],
      response_types: isDevice ? [] : ['code'],
      ...(clientName !== undefined && { client_name: clientName }),
      ...(scope !== null && { scope }),
      ...(method !== undefined && { token_endpoint_auth_method: method }),
    }
    const registered = await client.dynamicClientRegistration(
      new URL(server.issuer),
      requested,
      client.None(),
      {
        ...(initialAccessToken !== undefined && { initialAccessToken }),
        ...(metadata.isLoopback && { execute: [client.allowInsecureRequests] }),
        // The metadata is known, so that only the registration is requested.
        [client.customFetch]: async (url, init) => {
          if (init.method === 'GET') return Response.json(server)
          const response = await fetch(url, { ...(init as RequestInit), signal })
          return standardRegistration(await tokenAnswerOf(response), response)
        },
      },
    )
    const {
      client_id: clientId,
      client_secret: secret,
      token_endpoint_auth_method: given,
      registration_client_uri: uri,
      registration_access_token: token,
    } = registered.clientMetadata()
    const known = METHODS.find((name) => name === given) as TokenEndpointAuthMethod | undefined
    return {
      clientId,
      ...(typeof secret === 'string' && secret !== '' && { clientSecret: secret }),
      ...(known !== undefined && { tokenEndpointAuthMethod: known }),
      ...(typeof uri === 'string' && typeof token === 'string' && isSecure(uri, metadata)
        ? { registrationUri: uri, registrationToken: token }
        : {}),
    }
  } catch (error) {
    throw errorOf(error, null)
  }
}

/**
 * Deletes a registered client that nothing uses anymore, if its server has named the address (RFC 7592).
 *
 * @throws CannotConnectError, RateLimitedError
 */
export async function deleteClient(
  { registrationUri: uri, registrationToken: token }: SignInFields,
  { fetch, signal }: Pick<ProviderReach, 'fetch' | 'signal'>,
): Promise<void> {
  if (typeof uri !== 'string' || typeof token !== 'string') return
  try {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(uri, { method: 'DELETE', headers, redirect: 'error', signal })
    response.body?.cancel().catch(() => {})
    // With another status, the client is deleted already, or the server deletes none.
    const passing = byStatus(response.status, rateLimitIn(response))
    if (passing !== null) throw passing
  } catch (error) {
    throw errorOf(error, null)
  }
}
