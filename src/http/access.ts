import { timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'
import type { Log } from '../ports/log.ts'

/** What somebody may do: `manage` includes `repair`, and `repair` includes `read`. */
export type Right = 'read' | 'repair' | 'manage'

/** Who asks, for which tenant, and what they may do there. */
export interface Access {
  readonly scope: string
  readonly principal: string
  readonly rights: readonly Right[]
}

/** An access that a repair link gave: it reaches one entry's repair and nothing else. */
export interface RepairAccess extends Access {
  readonly repairs: string
}

/** Tells who asks; null refuses. */
export type Authorize = (request: Request) => Access | null | Promise<Access | null>

/** A file of the page, by its path below the handler's base. */
export type PageFiles = (path: string) => Promise<PageFile | undefined>

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** Its media type. */
  readonly type: string
  /** Whether its name changes with its content. */
  readonly immutable: boolean
}

export interface HandlerOptions {
  /** The path that the handler is mounted at, for example `/latchkey`; the root where absent. */
  readonly basePath?: string
  /**
   * Who asks. Without it only loopback is answered, to whoever bears the start token. With it, `publicUrl` is needed.
   */
  readonly authorize?: Authorize
  /**
   * The origin under which people reach the host, for example `https://hub.example`: other hosts are refused. Without
   * `authorize` it can be another name of this machine alone.
   */
  readonly publicUrl?: string
  /** The reference page, from `pageFiles()`; none is served where absent. */
  readonly page?: PageFiles
  /** Turns repair links on. The key signs them (HS256), is for nothing else, and has 32 bytes or more. */
  readonly links?: { readonly key: Uint8Array }
  /** Where failures are reported that are nobody's to see. */
  readonly log?: Log
}

const includes: Readonly<Record<Right, readonly Right[]>> = {
  read: ['read', 'repair', 'manage'],
  repair: ['repair', 'manage'],
  manage: ['manage'],
}

/** Whether somebody may do what takes this right. */
export function may({ rights }: Access, right: Right): boolean {
  return includes[right].some((enough) => rights.includes(enough))
}

/** 32 random bytes, as text that fits a URL's fragment. */
export function newToken(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
}

/** The token that a request bears (RFC 6750); the empty text if it bears none. */
export function bearerOf(request: Request): string {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
}

/** Lets in who bears the token, as the host itself, on the scope `default`. */
export function startTokenAuthorize(token: string): Authorize {
  const expected = encoder.encode(token)
  const given = new Uint8Array(expected.length)
  const access: Access = { scope: 'default', principal: 'host', rights: ['manage'] }
  return (request) => {
    const bearer = bearerOf(request)
    // The length is no secret; what is compared of equal length takes the same time whatever it holds.
    if (bearer.length !== expected.length) return null
    encoder.encodeInto(bearer, given)
    return timingSafeEqual(given, expected) ? access : null
  }
}

const encoder = new TextEncoder()
