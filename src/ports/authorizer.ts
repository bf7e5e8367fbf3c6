import type { JsonObject } from './json.ts'
import type { Network } from './network.ts'

/** How an authorizer reaches its server: everything it asks goes through `fetch`, until `signal` fires. */
export interface Reach extends Network {
  readonly signal: AbortSignal
}

/** What came of asking a server for access. Expected refusals are values; what cannot be asked is thrown. */
export type Granted =
  /** `values` are what the entry keeps, as its integration's `stored` takes them. */
  | { readonly type: 'granted'; readonly values: JsonObject }
  /** The person, or the server for them, said no. */
  | { readonly type: 'rejected' }

/** The secrets of one request for access, made anew for each and used once. */
export type CodeRequest = {
  readonly redirectUri: string
  /** Comes back with the answer. */
  readonly state: string
  /** Ties the ID token to this request. */
  readonly nonce: string
  /** Proves to the server that the code is redeemed by whoever asked for it (PKCE, RFC 7636). */
  readonly verifier: string
}

/** A way in through the service's own page, in a browser that comes back with a code (RFC 6749, 4.1). */
export interface CodeAuthorizer {
  readonly grant: 'code'
  /**
   * The address of the service's page. `known` are the clear values of the entry that is mended, null for a new one:
   * they tell whom to ask for.
   *
   * @throws CannotConnectError, RateLimitedError, SetupError
   */
  begin(request: CodeRequest, known: JsonObject | null, reach: Reach): Promise<string>
  /**
   * Redeems the address that the browser came back to, query and all.
   *
   * @throws CannotConnectError, InvalidAuthError, RateLimitedError, SetupError
   */
  finish(callback: URL, request: CodeRequest, reach: Reach): Promise<Granted>
  /** Gives back what was granted and is not kept. */
  revoke?(values: JsonObject, reach: Reach): Promise<void>
}

/** A code that a person enters on another device, and the secret by which it is asked after (RFC 8628). */
export interface DeviceCode {
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete?: string
  /** How long to wait between two questions, in milliseconds. */
  readonly interval: number
  /** How long the code lives, in milliseconds. */
  readonly lifetime: number
}

/** What came of asking after a device code. */
export type DevicePoll =
  | Granted
  /** Nobody has answered yet. */
  | { readonly type: 'pending' }
  /** Asked too often: the interval grows by five seconds (RFC 8628, 3.5). */
  | { readonly type: 'slow_down' }
  | { readonly type: 'expired' }

/** A way in by a code that is shown here and entered elsewhere. */
export interface DeviceAuthorizer {
  readonly grant: 'device'
  /** @throws CannotConnectError, RateLimitedError, SetupError */
  begin(reach: Reach): Promise<DeviceCode>
  /** @throws CannotConnectError, RateLimitedError, SetupError */
  poll(deviceCode: string, reach: Reach): Promise<DevicePoll>
  /** Gives back what was granted and is not kept. */
  revoke?(values: JsonObject, reach: Reach): Promise<void>
}

/** How a service is asked for access; the engine carries it out and knows no OAuth library. */
export type Authorizer = CodeAuthorizer | DeviceAuthorizer
