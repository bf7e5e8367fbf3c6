import type * as z from 'zod'
import type { OAuthProviderOptions } from '../oauth/provider.ts'
import type { JsonObject } from '../ports/json.ts'

/** The place of a value in a JSON document (RFC 6901), for example `/team/id`. */
export type Pointer = `/${string}`

/** The place of a value in a document, or a parameter of the callback (`?realmId`). */
export type Place = Pointer | `?${string}`

/** The place of the account of a grant. */
export interface Identity {
  /** The request that returns it. Absent if the reply of the token endpoint contains it. */
  readonly request?: ServiceRequest | ((values: RequestValues) => ServiceRequest)
  /** The members that together identify the account. A member that the service omits is left out. */
  readonly account: readonly Place[]
  /** The name of the account, for users. */
  readonly login?: Place
}

/** A request to the API of a service. */
export interface ServiceRequest {
  readonly url: string
  /** Defaults to POST with a body, else to GET. */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Defaults to the access token as a bearer token. */
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: JsonObject
  readonly form?: Readonly<Record<string, string>>
}

/** The credentials of the client, and a grant, for a request that uses both. */
export interface RequestValues {
  readonly clientId: string
  readonly clientSecret: string
  /** The client as HTTP Basic. */
  readonly basic: string
  readonly accessToken: string
  /** Absent if the service has granted none. */
  readonly refreshToken?: string
  readonly account?: string
}

/** A choice of the user after the sign-in. The service returns the list. */
export interface Selection {
  readonly request: ServiceRequest
  readonly value: Pointer
  readonly label: Pointer
  readonly title: string
}

/** The options of `oauthProvider` that a service can need. */
type Quirks = Pick<
  OAuthProviderOptions,
  | 'pkce'
  | 'scopeSeparator'
  | 'parameters'
  | 'tokenParameters'
  | 'refreshParameters'
  | 'tokenRequestFormat'
  | 'tokens'
  | 'isDead'
  | 'revokes'
  | 'verifyCallback'
>

/** The facts about a service. In URLs, `{name}` stands for a field of `fields` or a value of `placeholders`. */
export interface ServiceData<
  Kept extends string = never,
  Selected extends string = never,
  Before extends z.ZodRawShape = Record<never, never>,
  Placeholder extends string = never,
> extends Quirks {
  readonly title: string
  /** The documentation of the sign-in, for integration authors. */
  readonly docs: string
  /** The page on which a developer registers an app. */
  readonly register: string
  /** The pages on which the facts were read, each with the date. */
  readonly sources: readonly string[]
  /** The facts that none of the sources contains. */
  readonly unverified: readonly string[]
  readonly endpoints: {
    /** Absent: the service has no ID tokens. */
    readonly issuer?: string
    readonly authorization: string
    readonly token: string
    readonly refresh?: string
    /** The revocation endpoint, if it follows RFC 7009. */
    readonly revocation?: string
    readonly device?: string
    readonly userinfo?: string
  }
  /** The path of an API at another server of the same kind, by the origin of the API. */
  readonly apiPath?: Readonly<Record<string, string>>
  readonly clientAuth: 'client_secret_basic' | 'client_secret_post'
  /** The default scopes. */
  readonly scope?: readonly string[]
  /** The name of the parameter with the scopes. Defaults to `scope`. */
  readonly scopeParameter?: string
  readonly identity: Identity | 'id_token'
  /** Further stored values: members of the reply of the token endpoint, or parameters of the callback (`?realmId`). */
  readonly keep?: Readonly<Record<Kept, Place>>
  /** The choices after the sign-in by stored field. */
  readonly select?: Readonly<Record<Selected, Selection>>
  /** The fields that the user enters before the sign-in. */
  readonly fields?: Before
  /** The hosts that receive the client secret. Required with `fields`. */
  readonly allowedHosts?: readonly string[]
  /** The default values of further options, for example the tenant. */
  readonly placeholders?: Readonly<Record<Placeholder, string>>
  /** The request that revokes a grant, if it does not follow RFC 7009. */
  revoke?(values: RequestValues): ServiceRequest
}

/** The options of a service. */
export interface ServiceOptions {
  /** The id of the app that you have registered at the service. */
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  /** The requested scopes. Replaces the default ones. */
  readonly scope?: string | readonly string[]
  /**
   * The base URL of another server of the same kind, for example `https://github.example`. It replaces the hosts of all
   * endpoints. HTTP is allowed on this machine.
   */
  readonly issuer?: string
  /** Whether users can also sign in with a code on another device. Defaults to false. */
  readonly device?: boolean
  /** Additional parameters of authorization requests. */
  readonly parameters?: Readonly<Record<string, string>>
}
