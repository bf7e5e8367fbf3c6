import type { JsonObject } from './json.ts'
import type { Network } from './network.ts'

/** The network access of an authorizer. It must send all requests through `fetch` and stop when `signal` fires. */
export interface Reach extends Network {
  readonly signal: AbortSignal
  /** The validated fields that the user has entered before the sign-in. Absent without any. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** The result of an authorization request. Expected refusals are values. Other failures are thrown. */
export type Granted =
  /** `values` are the values to store. They must match the integration's `stored`. */
  | { readonly type: 'granted'; readonly values: JsonObject }
  /** The user denied access, or the server demands the consent of an administrator (`consent_required`). */
  | { readonly type: 'rejected'; readonly reason?: 'consent_required' }

/** The secrets of one authorization request. They are random and used once. */
export type CodeRequest = {
  readonly redirectUri: string
  /** The server returns it with the code. */
  readonly state: string
  /** Binds the ID token to this request. */
  readonly nonce: string
  /** The PKCE code verifier (RFC 7636). */
  readonly verifier: string
  /**
   * The values that `prepare` has returned. Absent without it. `prepare` itself receives those of an earlier sign-in of
   * the same flow with the same redirect URI that has granted nothing. Absent at the first.
   */
  readonly prepared?: JsonObject
}

/** The members that the authorizers of all grants have. */
export interface Grants {
  /**
   * Revokes granted values that are not stored, or that belong to a removed entry. Also called with only the values of
   * `prepare`, if no sign-in has used them.
   */
  revoke?(values: JsonObject, reach: Reach): Promise<void>
  /**
   * Whether the service revokes only the given tokens (`token`), or all grants of the account (`account`, the default).
   * With `account`, Latchkey revokes nothing while another entry of the account exists.
   */
  readonly revokes?: 'token' | 'account'
  /**
   * The names of stored fields without secrets that identify the client of a grant and its server. If one of them changes,
   * a new grant takes no secret from the stored one. Defaults to none.
   */
  readonly boundTo?: readonly string[]
  /**
   * The names of stored fields without secrets that identify the values of `prepare`. If a new grant has others, Latchkey
   * calls `revoke` with the replaced values. Defaults to none.
   */
  readonly preparedFields?: readonly string[]
  /** A mistake that makes `createLatchkey` refuse the integration. Absent without one. */
  readonly problem?: string
}

/** Signs users in on the service's page, in a browser that returns with a code (RFC 6749, 4.1). */
export interface CodeAuthorizer extends Grants {
  readonly grant: 'code'
  /** Host of the sign-in page, for users. Absent if unknown. */
  readonly host?: string
  /**
   * Returns values that `begin` and `finish` receive in their request, for example a client that it has registered. They are
   * stored encrypted until the browser returns.
   *
   * @throws CannotConnectError, RateLimitedError, SetupError
   */
  prepare?(request: CodeRequest, reach: Reach): Promise<JsonObject>
  /**
   * Returns the URL of the service's sign-in page.
   *
   * @param known the non-secret values of the entry to reauthenticate, for example to prefill the account; `null` for a
   *   new entry
   * @throws CannotConnectError, RateLimitedError, SetupError
   */
  begin(request: CodeRequest, known: JsonObject | null, reach: Reach): Promise<string>
  /**
   * Redeems the code.
   *
   * @param callback the URL to which the browser returned, including its query
   * @throws CannotConnectError, InvalidAuthError, RateLimitedError, SetupError
   */
  finish(callback: URL, request: CodeRequest, reach: Reach): Promise<Granted>
}

/** A code that the user enters on another device, and the secret for polling (RFC 8628). */
export interface DeviceCode {
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete?: string
  /** Minimum time between two polls in milliseconds. */
  readonly interval: number
  /** Lifetime of the code in milliseconds. */
  readonly lifetime: number
}

/** The result of polling for a device code. */
export type DevicePoll =
  | Granted
  /** The user has not answered yet. */
  | { readonly type: 'pending' }
  /** The poll came too early. The interval increases by five seconds (RFC 8628, 3.5). */
  | { readonly type: 'slow_down' }
  | { readonly type: 'expired' }

/** Signs users in with a code that they enter on another device. */
export interface DeviceAuthorizer extends Grants {
  readonly grant: 'device'
  /**
   * Returns values that `begin` and `poll` receive, for example a client that it has registered. They are stored encrypted.
   * Receives those of an unfinished sign-in of the same flow.
   *
   * @throws CannotConnectError, RateLimitedError, SetupError
   */
  prepare?(prepared: JsonObject | undefined, reach: Reach): Promise<JsonObject>
  /** Requests a code. @throws CannotConnectError, RateLimitedError, SetupError */
  begin(reach: Reach, prepared?: JsonObject): Promise<DeviceCode>
  /** Polls for the result. @throws CannotConnectError, RateLimitedError, SetupError */
  poll(deviceCode: string, reach: Reach, prepared?: JsonObject): Promise<DevicePoll>
}

/** Requests access from a service, for example by OAuth. `latchkey/oauth` implements it. */
export type Authorizer = CodeAuthorizer | DeviceAuthorizer
