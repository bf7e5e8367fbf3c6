import type * as client from 'openid-client'
import type { Secret } from '../authoring/secret.ts'
import type { Reach } from '../ports/authorizer.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { errorOf } from './oauth-error.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import type { DeadAnswer } from './read-refusal.ts'

/** The authentication of a client at the token endpoint (RFC 7591, 2). */
export type TokenEndpointAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'none'

/** Values that the user has entered before the sign-in, as the `fields` of the method validate them. */
export type SignInFields = Readonly<Record<string, unknown>>

/** A value, or a function of the fields that the user enters before the sign-in. */
export type FromFields<Value, Before> = Value | ((fields: Before) => Value)

/** Further stored fields of a grant. Members that are null or undefined are left out. */
export interface KeptFields {
  readonly [field: string]: Json | undefined
}

/** The registration of a client at the server of a sign-in (RFC 7591). */
export interface ClientRegistration {
  /** The name of the application that users see at the service. */
  readonly clientName?: string
}

/** The options that a registration replaces. */
type ClientOptions = 'clientId' | 'clientSecret' | 'tokenEndpointAuthMethod' | 'privateKey' | 'privateKeyId'

/** The options of an `oauthProvider` that registers a client at the server of each new entry. */
export interface RegisteringOptions<Before extends object = SignInFields>
  extends Omit<OAuthProviderOptions<Before>, ClientOptions | 'allowedHosts'> {
  /**
   * Registers a client at the first sign-in of a flow. Its id and secret become part of `stored`, which needs the
   * fields of `registeredClient`. A reauthentication registers a new one, because the server may have removed the old
   * one, and because the user may have entered another server. Clients that nothing uses anymore are deleted, if the
   * server allows it (RFC 7592).
   */
  readonly register: ClientRegistration
}

/** The options of `oauthProvider`. `Before` has the fields that the user enters before the sign-in. */
export interface OAuthProviderOptions<Before extends object = SignInFields> {
  /** The issuer, from which the metadata is discovered once, or the metadata itself. */
  readonly issuer: FromFields<string | client.ServerMetadata, Before>
  readonly clientId: FromFields<string, Before>
  /** Absent for a public client. A function returns a secret that the user enters. */
  readonly clientSecret?: FromFields<string, Before>
  /**
   * The hosts that receive the client secret of the host, for example `['*.myshopify.com']`. Required if `issuer` is a
   * function and the secret is not: a user who enters the address of a server would receive the secret.
   */
  readonly allowedHosts?: readonly string[]
  /** The requested scopes, as a list or a text, for example `openid offline_access`. Defaults to none. */
  readonly scope?: string | readonly string[]
  /** The separator of listed scopes. Defaults to a space. */
  readonly scopeSeparator?: string
  /**
   * The authentication at the token endpoint. Defaults to one that the metadata lists, else to `client_secret_basic`;
   * without a secret to `none`, and with a private key to `private_key_jwt`.
   */
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod
  /** The private key for `private_key_jwt`, as PEM (PKCS #8). */
  readonly privateKey?: string
  /** The id of the private key at the service (`kid`). */
  readonly privateKeyId?: string
  /** Whether to use PKCE (RFC 7636). Defaults to true. */
  readonly pkce?: boolean
  /**
   * The place of the answer of the service: the address of the callback (`query`, the default), or a form that the browser
   * posts (`form_post`), as Apple requires it for the name of the user.
   */
  readonly responseMode?: 'query' | 'form_post'
  /** Additional parameters of authorization requests, for example `{ audience: '…' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Additional parameters of requests that redeem a code or poll for a device code. */
  readonly tokenParameters?: Readonly<Record<string, string>>
  /** Additional parameters of refresh requests. */
  readonly refreshParameters?: Readonly<Record<string, string>>
  /** The format of requests to the token endpoint. Defaults to `form`. */
  readonly tokenRequestFormat?: 'form' | 'json'
  /** The URL that refreshes tokens. Defaults to the token endpoint. */
  readonly refreshEndpoint?: FromFields<string, Before>
  /** The accepted difference of clocks in seconds, for ID tokens. Defaults to 30. */
  readonly clockTolerance?: number
  /**
   * The userinfo claim that identifies the account, for example `id`. Defaults to `iss` and `sub` of the ID token.
   */
  readonly accountClaim?: string
  /**
   * Whether to expect an ID token if the scopes contain `openid`. Defaults to true. With false, ID tokens are ignored, for a
   * service whose ID tokens have no nonce. Use `identify` or `accountClaim` then.
   */
  readonly idToken?: boolean
  /**
   * Returns whether the service has signed the parameters of a callback with a code. Called before the code is redeemed, with
   * the client secret; an empty one without a secret.
   */
  verifyCallback?(callback: URL, clientSecret: string): boolean | Promise<boolean>
  /** Returns the account of a grant, for a service without ID tokens and userinfo. */
  identify?(accessToken: Secret, reach: Reach): Promise<{ account: string; login?: string }>
  /** Returns the standard reply (RFC 6749, 5.1) that an odd one contains, for example its member `authed_user`. */
  tokens?(reply: JsonObject): JsonObject
  /**
   * Returns further values for `stored`: from the reply of the token endpoint, before `tokens`, and from the callback,
   * which has no parameters for a device code and a refresh. Members that are null stay unchanged.
   */
  keep?(reply: JsonObject, callback: URL): KeptFields
  /**
   * Returns whether an answer of the token endpoint means that the refresh token is dead, for a service whose answer
   * Latchkey does not know. Called for answers without a token that blame neither the client nor an outage.
   */
  isDead?(answer: DeadAnswer): boolean
  /**
   * Revokes a grant. Defaults to RFC 7009 if the metadata names a revocation endpoint. `false` revokes nothing.
   * `reach.fields` has the values that the user entered before the sign-in.
   */
  readonly revoke?: false | ((stored: OAuthTokens & JsonObject, reach: Reach) => Promise<void>)
  /**
   * `token` if the service revokes only the given token, and no two sign-ins get the same one. Otherwise `account`, the
   * default: Latchkey then revokes nothing while another entry of the account exists. With `register`, `token` is the
   * default, because each entry has its own client.
   */
  readonly revokes?: 'token' | 'account'
}

/** The network of a call, and the fields that the user entered before the sign-in. */
export type ProviderReach = Pick<Reach, 'fetch' | 'signal' | 'fields'>

/** One call of the library. */
export interface Session {
  readonly configuration: client.Configuration
  /** The address of the server. */
  readonly origin: string
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined
  /** The last reply of the token endpoint with a token, as the service has sent it. Empty before one. */
  readonly reply: JsonObject
}

/** The options of a call. */
export interface CallOptions {
  /** Converts an error, given the answer of the token endpoint without a token; null if it has not answered. */
  readonly translate?: typeof errorOf
  /** Whether the call refreshes tokens. */
  readonly refreshes?: boolean
}

/** The options of any provider. With `register`, the client id of the options is empty. */
export type ProviderOptions = OAuthProviderOptions & Partial<Pick<RegisteringOptions, 'register'>>

/** The shared parts of a provider. */
export interface Provider {
  readonly options: ProviderOptions
  /** The requested scopes, or null for none. */
  readonly scope: string | null
  readonly isOpenId: boolean
  /** The mistake in the options that makes the provider unsafe; null without one. */
  readonly problem: string | null
  /**
   * Calls the library. All requests use the given `fetch` and `signal`.
   *
   * @throws the converted error
   */
  call<Answer>(
    reach: ProviderReach,
    work: (session: Session) => Promise<Answer>,
    options?: CallOptions,
  ): Promise<Answer>
}
