import type { ServerMetadata } from 'openid-client'
import * as z from 'zod'
import type { SignInMethod } from '../authoring/integration.ts'
import { ConfigurationError, SetupError } from '../errors.ts'
import { oauthProvider } from '../oauth/oauth-provider.ts'
import { type OAuthTokens, oauthTokens } from '../oauth/oauth-tokens.ts'
import type { OAuthProviderOptions, SignInFields } from '../oauth/provider.ts'
import type { CodeAuthorizer, Reach } from '../ports/authorizer.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import { textAt } from './json-pointer.ts'
import { filled, hostPattern, placedAt } from './place-url.ts'
import { callService } from './service-calls.ts'
import type {
  Identity,
  Place,
  Pointer,
  RequestValues,
  Selection,
  ServiceData,
  ServiceOptions,
  ServiceRequest,
} from './service-data.ts'

/** The stored fields of a service. */
type StoredShape<
  Kept extends string,
  Selected extends string,
  Before extends z.ZodRawShape,
> = typeof oauthTokens & {
  readonly [Name in Kept]: z.ZodOptional<z.ZodString>
} & { readonly [Name in Selected]: z.ZodString } & Before

/** The parts of an integration that signs users in at a known service. */
export interface ProviderParts<Stored extends z.ZodRawShape, Name extends 'browser' | 'device' = 'browser'> {
  readonly stored: z.ZodObject<Stored>
  readonly methods: Readonly<Record<Name, ServiceMethod>>
}

/** A sign-in method of a service. It refreshes the tokens that it has granted. */
type ServiceMethod = SignInMethod<z.ZodObject, z.ZodObject<typeof oauthTokens>>

/** The facts about a service, for lists and documentation. */
export type ServiceFacts = Pick<ServiceData, 'title' | 'docs' | 'register' | 'sources' | 'unverified'>

/** A known service. Call it with the credentials of your app, and spread the result into an integration. */
export interface KnownService<
  Kept extends string = string,
  Selected extends string = string,
  Before extends z.ZodRawShape = z.ZodRawShape,
  Placeholder extends string = never,
> {
  /**
   * Returns the stored fields and the sign-in methods of the service, with a code on another device.
   *
   * @throws ConfigurationError if the client id is empty, if `issuer` is not an HTTPS URL, or if the service has no device
   *   codes
   */
  (
    options: ServiceOptions & { readonly device: true } & { readonly [Name in Placeholder]?: string },
  ): ProviderParts<StoredShape<Kept, Selected, Before>, 'browser' | 'device'>
  /**
   * Returns the stored fields and the sign-in method of the service.
   *
   * @throws ConfigurationError if the client id is empty, or if `issuer` is not an HTTPS URL
   */
  (
    options: ServiceOptions & { readonly [Name in Placeholder]?: string },
  ): ProviderParts<StoredShape<Kept, Selected, Before>>
  readonly facts: ServiceFacts
}

type Methods = Readonly<Record<'browser' | 'device', ServiceMethod>>

/** Returns the function of a service, given the facts about it. */
export function service<
  const Kept extends string = never,
  const Selected extends string = never,
  Before extends z.ZodRawShape = Record<never, never>,
  const Placeholder extends string = never,
>(data: ServiceData<Kept, Selected, Before, Placeholder>): KnownService<Kept, Selected, Before, Placeholder> {
  const { title, docs, register, sources, unverified } = data
  const known = (options: ServiceOptions & { readonly [Name in Placeholder]?: string }) => {
    const client = new ServiceClient(data, options)
    const provider = oauthProvider(client.options())
    const { refresh, expiresAt } = provider
    const shared = { refresh, expiresAt, ...client.forms() }
    const authorizer = provider.authorizationCode()
    const authorize = data.endpoints.issuer === undefined ? withoutIssuer(authorizer) : authorizer
    const browser = { title: `Sign in with ${title}`, authorize, ...shared }
    if (options.device === true && data.endpoints.device === undefined) {
      throw new ConfigurationError(`${title} has no device codes. Leave out device.`)
    }
    const device = { title: 'With a code on another device', authorize: provider.deviceCode(), ...shared }
    return {
      stored: z.object(storedShape(data)),
      // The first signature of the service has a device, and the second one has none.
      methods: (options.device === true ? { browser, device } : { browser }) as Methods,
    }
  }
  return Object.assign(known, { facts: { title, docs, register, sources, unverified } })
}

/**
 * Ignores the issuer in a callback (RFC 9207) of a service whose issuer is not known. Each integration has its own
 * redirect URI, so a mix-up of servers is not possible.
 */
function withoutIssuer(authorizer: CodeAuthorizer): CodeAuthorizer {
  return {
    ...authorizer,
    finish: (callback, request, reach) => {
      const url = new URL(callback)
      url.searchParams.delete('iss')
      return authorizer.finish(url, request, reach)
    },
  }
}

function storedShape<Kept extends string, Selected extends string, Before extends z.ZodRawShape>({
  keep,
  select,
  fields,
}: ServiceData<Kept, Selected, Before>): StoredShape<Kept, Selected, Before> {
  const kept = Object.keys(keep ?? {}).map((name) => [name, z.string().optional()])
  const selections: readonly (readonly [string, Selection])[] = Object.entries(select ?? {})
  const selected = selections.map(([name, { title }]) => [name, z.string().meta({ title })])
  const shape: z.ZodRawShape = { ...oauthTokens, ...Object.fromEntries([...kept, ...selected]), ...fields }
  return shape as StoredShape<Kept, Selected, Before>
}

/** The erased facts of a service. */
type AnyData = ServiceData<string, string, z.ZodRawShape, string>

/** Makes the options of `oauthProvider` for one client of a service. */
class ServiceClient {
  readonly #data: AnyData
  readonly #options: ServiceOptions
  readonly #placeholders: Readonly<Record<string, string>>

  constructor(data: AnyData, options: ServiceOptions & Readonly<Record<string, unknown>>) {
    this.#data = data
    this.#options = options
    const defaults = Object.entries(data.placeholders ?? {})
    this.#placeholders = Object.fromEntries(
      defaults.map(([name, value]) => [name, String(options[name] ?? value)]),
    )
  }

  options(): OAuthProviderOptions {
    const { endpoints, fields, identity, keep, revoke, clientAuth, scope, scopeParameter } = this.#data
    const { clientId, clientSecret, scope: requested = scope ?? [] } = this.#options
    const { pkce, scopeSeparator, tokenParameters, refreshParameters } = this.#data
    const { tokenRequestFormat, tokens, isDead, revokes, parameters, verifyCallback } = this.#data
    const { refresh } = endpoints
    const isTyped = fields !== undefined
    return {
      issuer: isTyped ? (values) => this.#metadata(values) : this.#metadata({}),
      clientId,
      ...(clientSecret !== undefined && { clientSecret, tokenEndpointAuthMethod: clientAuth }),
      ...(isTyped && { allowedHosts: this.#allowedHosts() }),
      ...(scopeParameter === undefined && { scope: requested }),
      parameters: {
        ...parameters,
        ...(scopeParameter !== undefined && {
          [scopeParameter]: typeof requested === 'string' ? requested : requested.join(scopeSeparator ?? ' '),
        }),
        ...this.#options.parameters,
      },
      ...(refresh !== undefined && { refreshEndpoint: (values: SignInFields) => this.#url(refresh, values) }),
      ...(pkce !== undefined && { pkce }),
      ...(scopeSeparator !== undefined && { scopeSeparator }),
      ...(tokenParameters !== undefined && { tokenParameters }),
      ...(refreshParameters !== undefined && { refreshParameters }),
      ...(tokenRequestFormat !== undefined && { tokenRequestFormat }),
      ...(tokens !== undefined && { tokens }),
      ...(isDead !== undefined && { isDead }),
      ...(revokes !== undefined && { revokes }),
      ...(verifyCallback !== undefined && { verifyCallback }),
      ...(identity !== 'id_token' && {
        idToken: false,
        ...(identity.request !== undefined && {
          identify: (accessToken, reach) => this.#identify(identity, accessToken.reveal(), reach),
        }),
      }),
      keep: (reply, callback) => ({
        // A refresh has no callback, and often a shorter reply. It never changes the account.
        ...(identity !== 'id_token' &&
          identity.request === undefined &&
          callback.protocol !== 'about:' &&
          accountIn(identity, reply, callback)),
        ...Object.fromEntries(
          Object.entries(keep ?? {}).map(([name, place]) => [name, valueIn(place, reply, callback) ?? null]),
        ),
      }),
      ...(revoke !== undefined
        ? { revoke: (stored: OAuthTokens & JsonObject, reach: Reach) => this.#revoke(stored, reach) }
        : endpoints.revocation === undefined && { revoke: false as const }),
    }
  }

  /** Returns the form before the sign-in, and the choices after it. */
  forms(): Pick<ServiceMethod, 'fields' | 'select'> {
    const { fields, select } = this.#data
    const choices = Object.entries(select ?? {}).map(([name, selection]) => [
      name,
      (stored: Partial<OAuthTokens>, context: Pick<Reach, 'fetch' | 'signal'>) =>
        this.#choices(selection, stored, context),
    ])
    return {
      ...(fields !== undefined && { fields: z.object(fields) }),
      ...(select !== undefined && { select: Object.fromEntries(choices) }),
    }
  }

  async #choices(
    { request, value, label }: Selection,
    { accessToken }: Partial<OAuthTokens>,
    reach: Pick<Reach, 'fetch' | 'signal'>,
  ): Promise<readonly { value: string; label: string }[]> {
    const authorization = `Bearer ${accessToken?.reveal() ?? ''}`
    const answer = await this.#send({ authorization, ...request }, reach)
    const items = Array.isArray(answer) ? answer : []
    return items.flatMap((item: Json) => {
      const id = textAt(item, value)
      return id === undefined ? [] : [{ value: id, label: textAt(item, label) ?? id }]
    })
  }

  #metadata(values: SignInFields): ServerMetadata {
    const { issuer, authorization, token, revocation, device, userinfo } = this.#data.endpoints
    const url = (endpoint: string): string => this.#url(endpoint, values)
    return {
      issuer: url(issuer ?? authorization),
      authorization_endpoint: url(authorization),
      token_endpoint: url(token),
      ...(revocation !== undefined && { revocation_endpoint: url(revocation) }),
      ...(device !== undefined && { device_authorization_endpoint: url(device) }),
      ...(userinfo !== undefined && { userinfo_endpoint: url(userinfo) }),
    }
  }

  /** Returns the URL of an endpoint at the server of the options, with the values that the user has entered. */
  #url(endpoint: string, values: SignInFields): string {
    const { issuer } = this.#options
    const url = issuer === undefined ? endpoint : placedAt(endpoint, issuer, this.#data.apiPath)
    return filled(url, { ...values, ...this.#placeholders })
  }

  #allowedHosts(): readonly string[] {
    const { issuer } = this.#options
    return issuer === undefined ? (this.#data.allowedHosts ?? []) : [hostPattern(issuer)]
  }

  async #identify(
    { request, account, login }: Identity,
    accessToken: string,
    reach: Reach,
  ): Promise<{ account: string; login?: string }> {
    const made = typeof request === 'function' ? request(this.#values({ accessToken })) : request
    const answer = await this.#send({ authorization: `Bearer ${accessToken}`, url: '', ...made }, reach)
    return accountIn({ account, ...(login !== undefined && { login }) }, answer)
  }

  async #revoke(stored: OAuthTokens & JsonObject, reach: Reach): Promise<void> {
    const { accessToken, refreshToken, account } = stored
    const request = this.#data.revoke?.(
      this.#values({
        accessToken: accessToken.reveal(),
        ...(refreshToken !== undefined && { refreshToken: refreshToken.reveal() }),
        ...(account !== undefined && { account }),
      }),
    )
    if (request !== undefined) await this.#send(request, reach)
  }

  #values(tokens: Pick<RequestValues, 'accessToken' | 'refreshToken' | 'account'>): RequestValues {
    const { clientId, clientSecret = '' } = this.#options
    const basic = `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`
    return { clientId, clientSecret, basic, ...tokens }
  }

  #send(request: ServiceRequest, reach: Pick<Reach, 'fetch' | 'signal' | 'fields'>): Promise<Json> {
    return callService({ ...request, url: this.#url(request.url, reach.fields ?? {}) }, reach)
  }
}

/**
 * Returns the account that a document or a callback names.
 *
 * @throws SetupError if it names none
 */
function accountIn(
  { account, login }: Identity,
  document: Json,
  callback?: URL,
): { account: string; login?: string } {
  const parts = account.flatMap((place) => valueIn(place, document, callback) ?? [])
  if (parts.length === 0)
    throw new SetupError(`The answer of the service does not contain ${account.join(' or ')}.`)
  const name = login === undefined ? undefined : valueIn(login, document, callback)
  return { account: parts.join(':'), ...(name !== undefined && { login: name }) }
}

function valueIn(place: Place, document: Json, callback?: URL): string | undefined {
  if (isPointer(place)) return textAt(document, place)
  return callback?.searchParams.get(place.slice(1)) ?? undefined
}

const isPointer = (place: Place): place is Pointer => place.startsWith('/')
