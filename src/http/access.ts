import { timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'
import { ConfigurationError } from '../errors.ts'
import type { Log } from '../ports/log.ts'

/** A right of a caller: `manage` includes `repair`, and `repair` includes `read`. */
export type Right = 'read' | 'repair' | 'manage'

/** The identity of a caller: the scope, the principal and its rights in that scope. */
export interface Access {
  readonly scope: string
  readonly principal: string
  readonly rights: readonly Right[]
}

/** The access of a repair link. It allows only the reauthentication of one entry. */
export interface RepairAccess extends Access {
  readonly repairs: string
  /** Whether the entry has been repaired since. The session can then read only results. */
  readonly isRepaired: boolean
}

/** Returns the access of a request, or `null` to reject it with 401. */
export type Authorize = (request: Request) => Access | null | Promise<Access | null>

/** Returns a file of the page by its path below the handler's base path. */
export type PageFiles = (path: string) => Promise<PageFile | undefined>

/** A file of the page. */
export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** Media type. */
  readonly type: string
  /** Whether its name contains a hash of its content, so that browsers may cache it permanently. */
  readonly immutable: boolean
}

/** The options of {@link latchkeyHandler}. */
export interface HandlerOptions {
  /** Path at which the handler is mounted, for example `/latchkey`. Defaults to the root. */
  readonly basePath?: string
  /**
   * Returns the access of a request. Requires `publicUrl`. Without it the handler answers only on loopback, and only
   * requests with its start token.
   */
  readonly authorize?: Authorize
  /**
   * Start token, for example one that a restart keeps: at least 32 characters of base64url. Only without `authorize`.
   * Defaults to a random token.
   */
  readonly startToken?: string
  /**
   * Public origin of the host, for example `https://hub.example`. Requests for other hosts and from other origins are
   * rejected. Without `authorize` it must be a loopback address.
   */
  readonly publicUrl?: string
  /**
   * The reference page, from `pageFiles()`, or its `files` with the `name` and the `icon` of the host, which users of repair
   * links see. Without files only the API is served. The icon is as in `defineIntegration`.
   */
  readonly page?: PageFiles | { readonly files?: PageFiles; readonly name?: string; readonly icon?: string }
  /**
   * Interval in milliseconds at which `authorize` is called again for open event streams. Defaults to 60,000. A stream ends
   * no later than this after its access was revoked.
   */
  readonly authorizeInterval?: number
  /** Enables repair links. `key` signs them (HS256). Use a separate key of at least 32 bytes. */
  readonly links?: { readonly key: Uint8Array }
  /** Receives failures that are not shown to the caller. Defaults to the log of `createLatchkey`. */
  readonly log?: Log
}

const sufficient: Readonly<Record<Right, readonly Right[]>> = {
  read: ['read', 'repair', 'manage'],
  repair: ['repair', 'manage'],
  manage: ['manage'],
}

/** Whether the rights of a caller include a right. */
export function hasRight({ rights }: Access, right: Right): boolean {
  return sufficient[right].some((one) => rights.includes(one))
}

/**
 * Returns the result of the host's `authorize` if it is an access or null. A text as `rights` would allow every right that
 * it contains.
 *
 * @throws ConfigurationError
 */
export function checkedAccess(access: Access | null): Access | null {
  if (access === null) return null
  const { scope, principal, rights } = Object(access) as Partial<Access>
  const isNamed = [scope, principal].every((name) => typeof name === 'string' && name !== '')
  const areRights = Array.isArray(rights) && rights.every((right) => Object.hasOwn(sufficient, right))
  if (isNamed && areRights) return access
  throw new ConfigurationError(
    'authorize returned an invalid access. Return { scope, principal, rights: ["read"] }, or null for status 401. Rights are read, repair and manage.',
  )
}

/** Returns 32 random bytes in base64url. */
export function newToken(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
}

/** The characters of a token that a browser can hold in a URL and send as a bearer token. */
const START_TOKEN = /^[\w.~-]{32,512}$/

/** Whether a text can be a start token. */
export const isStartToken = (text: string): boolean => START_TOKEN.test(text)

/** Returns the bearer token of a request (RFC 6750), or an empty string. */
export function bearerToken(request: Request): string {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
}

/** Authorizes requests with this token as the principal `host` in the scope `default`. */
export function authorizeStartToken(token: string): Authorize {
  const expected = encoder.encode(token)
  const received = new Uint8Array(expected.length)
  const access: Access = { scope: 'default', principal: 'host', rights: ['manage'] }
  return (request) => {
    const bearer = bearerToken(request)
    // The length of the token is public. Tokens of the right length are compared in constant time.
    if (bearer.length !== expected.length) return null
    encoder.encodeInto(bearer, received)
    return timingSafeEqual(received, expected) ? access : null
  }
}

const encoder = new TextEncoder()
