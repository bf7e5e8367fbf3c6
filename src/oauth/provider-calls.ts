import * as client from 'openid-client'
import { SetupError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import { assertAllowed } from './allowed-hosts.ts'
import { authenticationOf } from './client-authentication.ts'
import { callHook, objectOf } from './hooks.ts'
import { issuerOf, originOf } from './issuing-server.ts'
import { errorOf, ownClientError } from './oauth-error.ts'
import type {
  CallOptions,
  FromFields,
  OAuthProviderOptions,
  ProviderOptions,
  ProviderReach,
  Session,
  SignInFields,
  TokenEndpointAuthMethod,
} from './provider.ts'
import { clientIn } from './registered-client.ts'
import { MetadataCache } from './server-metadata.ts'
import {
  grantIn,
  standardAnswer,
  standardDeviceAnswer,
  type TokenAnswer,
  tokenAnswerOf,
} from './token-answer.ts'

/** Calls the library for one provider, and makes odd answers of services standard. */
export class ProviderCalls {
  readonly #options: ProviderOptions
  readonly #authentication: client.ClientAuth | null
  readonly #servers = new MetadataCache()

  /**
   * @param authentication replaces that of the options
   * @throws ConfigurationError if the issuer is not an HTTPS URL
   */
  constructor(options: ProviderOptions, authentication: client.ClientAuth | null = null) {
    this.#options = options
    this.#authentication = authentication
    if (typeof options.issuer !== 'function') this.#servers.of(options.issuer)
  }

  /**
   * Runs a call of the library.
   *
   * @throws the converted error
   */
  async run<Answer>(
    reach: ProviderReach,
    work: (session: Session) => Promise<Answer>,
    { translate = errorOf, refreshes = false }: CallOptions = {},
  ): Promise<Answer> {
    const exchange = new Exchange()
    try {
      const { server, ...configuration } = await this.#configure(reach, refreshes)
      const sessionOf = (issuer: string) =>
        this.#session({ ...server, issuer }, { ...configuration, exchange, reach })
      try {
        return await work(await sessionOf(server.issuer))
      } catch (error) {
        // Entra with several tenants: the ID token names the tenant of its issuer.
        const issuer = exchange.issuerOf(server.issuer)
        if (issuer === null) throw error
        return await work(await sessionOf(issuer))
      }
    } catch (error) {
      const converted = translate(error, exchange.refused)
      throw this.#options.register === undefined ? converted : ownClientError(converted)
    }
  }

  async #configure({ fields = {}, ...reach }: ProviderReach, refreshes: boolean): Promise<Configured> {
    const { clientId, clientSecret, refreshEndpoint, tokenEndpointAuthMethod } = this.#options
    const given = issuerOf(this.#options, fields)
    const metadata = this.#servers.of(given)
    const found = await metadata.read(reach)
    const registered = this.#options.register === undefined ? null : clientIn(fields, metadata.name)
    const other = refreshes && refreshEndpoint !== undefined ? valueFrom(refreshEndpoint, fields) : null
    return {
      server: other === null ? found : { ...found, token_endpoint: other },
      isLoopback: metadata.isLoopback,
      origin: originOf(given),
      ...(registered ?? {
        clientId: callHook('clientId', null, () => valueFrom(clientId, fields)),
        clientSecret:
          clientSecret === undefined
            ? undefined
            : callHook('clientSecret', null, () => valueFrom(clientSecret, fields)),
        tokenEndpointAuthMethod,
      }),
    }
  }

  async #session(server: client.ServerMetadata, parts: SessionParts): Promise<Session> {
    const { clientId, clientSecret, tokenEndpointAuthMethod, exchange, reach, isLoopback, origin } = parts
    const { clockTolerance, allowedHosts, tokenRequestFormat } = this.#options
    const authentication =
      this.#authentication ??
      (await authenticationOf(server, { ...this.#options, clientSecret, tokenEndpointAuthMethod }))
    const configuration = new client.Configuration(
      server,
      clientId,
      clockTolerance === undefined ? undefined : { [client.clockTolerance]: clockTolerance },
      authentication,
    )
    configuration[client.customFetch] = async (url, init) => {
      const isToken = isAt(server.token_endpoint, url)
      if (isToken && exchange.held !== null) return exchange.held.clone()
      if (init.method === 'POST' && allowedHosts !== undefined) assertAllowed(url, allowedHosts)
      const request = isToken && tokenRequestFormat === 'json' ? asJson(init) : init
      const response = await reach.fetch(url, { ...(request as RequestInit), signal: reach.signal })
      if (isToken) return exchange.read(response, this.#options)
      if (!isAt(server.device_authorization_endpoint, url)) return response
      return standardDeviceAnswer(await tokenAnswerOf(response), response)
    }
    if (isLoopback) client.allowInsecureRequests(configuration)
    return {
      configuration,
      origin,
      clientSecret,
      get reply() {
        return exchange.reply
      },
    }
  }
}

/** The placeholder of the tenant in an issuer of Microsoft Entra. */
const TENANT = '{tenantid}'

/** The answers of the token endpoint in one call. */
class Exchange {
  /** The last answer without a token. */
  refused: TokenAnswer | null = null
  /** The last reply with a token, as the service has sent it. */
  reply: JsonObject = {}
  /** The answer that the second attempt with an issuer uses. */
  held: Response | null = null
  #answer: Response | null = null
  #idToken: unknown = null

  async read(response: Response, { tokens, idToken }: OAuthProviderOptions): Promise<Response> {
    const given = await tokenAnswerOf(response)
    const found = grantIn(given, (body) =>
      tokens === undefined ? body : callHook('tokens', body, () => objectOf('tokens', tokens(body))),
    )
    const grant = idToken === false && found !== null ? { ...found, id_token: null } : found
    if (/^dpop$/i.test(String(grant?.token_type))) {
      throw new SetupError('The OAuth server granted a DPoP token, which was not requested.')
    }
    this.refused = grant === null ? given : null
    if (grant !== null && typeof given.body !== 'string') this.reply = given.body
    this.#idToken = grant?.id_token
    this.#answer = standardAnswer(given, grant, response)
    return this.#answer.clone()
  }

  /** Returns the issuer of the tenant that has granted a token, once; null if the issuer depends on no tenant. */
  issuerOf(issuer: string): string | null {
    if (this.held !== null || this.#answer === null || !issuer.includes(TENANT)) return null
    const tenant = tenantIn(this.#idToken)
    if (tenant === null) return null
    this.held = this.#answer
    return issuer.replace(TENANT, tenant)
  }
}

/** Returns the tenant that an ID token names. The library validates the token. */
function tenantIn(idToken: unknown): string | null {
  const [, payload = ''] = typeof idToken === 'string' ? idToken.split('.') : []
  try {
    const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
    const { tid }: { tid?: unknown } = JSON.parse(bytes)
    return typeof tid === 'string' && /^[\w.-]{1,64}$/.test(tid) ? tid : null
  } catch {
    return null
  }
}

/** The server and the client of a call. */
interface Configured {
  readonly server: client.ServerMetadata
  readonly isLoopback: boolean
  readonly origin: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined
}

interface SessionParts extends Omit<Configured, 'server'> {
  readonly exchange: Exchange
  readonly reach: ProviderReach
}

const valueFrom = <Value extends string | object>(
  value: FromFields<Value, SignInFields>,
  fields: SignInFields,
): Value => (typeof value === 'function' ? value(fields) : value)

const isAt = (endpoint: string | undefined, url: string): boolean =>
  endpoint !== undefined && new URL(url).href === new URL(endpoint).href

/** Returns a request to the token endpoint with its parameters as JSON. */
function asJson(init: client.CustomFetchOptions): object {
  const parameters = Object.fromEntries(new URLSearchParams(String(init.body)))
  const headers = { ...init.headers, 'content-type': 'application/json' }
  return { ...init, body: JSON.stringify(parameters), headers }
}
