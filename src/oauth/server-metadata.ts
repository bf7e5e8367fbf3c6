import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

type Network = Pick<Reach, 'fetch' | 'signal'>

/** The maximum number of servers whose metadata a provider remembers. */
const MAX_SERVERS = 100

/** The metadata of the servers of one provider. Users can enter their addresses. */
export class MetadataCache {
  readonly #servers = new Map<string, ServerMetadata>()

  /** Returns the metadata of a server. @throws ConfigurationError if the issuer is not an HTTPS URL */
  of(issuer: string | client.ServerMetadata): ServerMetadata {
    if (typeof issuer !== 'string') return new ServerMetadata(issuer)
    const server = this.#servers.get(issuer) ?? new ServerMetadata(issuer)
    this.#servers.delete(issuer)
    this.#servers.set(issuer, server)
    const [oldest] = this.#servers.keys()
    if (this.#servers.size > MAX_SERVERS && oldest !== undefined) this.#servers.delete(oldest)
    return server
  }
}

/** The metadata of a server (RFC 8414, OpenID Connect Discovery). Requested once. */
export class ServerMetadata {
  /** The issuer, as it was given. */
  readonly name: string
  /** Whether the server runs on this machine. Only then HTTP is allowed. */
  readonly isLoopback: boolean
  readonly #issuer: string | client.ServerMetadata
  #found: Promise<client.ServerMetadata> | null = null

  /** @throws ConfigurationError if the issuer is not an HTTPS URL */
  constructor(issuer: string | client.ServerMetadata) {
    this.name = typeof issuer === 'string' ? issuer : issuer.issuer
    const { protocol, hostname } = URL.parse(this.name) ?? { protocol: '', hostname: '' }
    this.isLoopback = protocol === 'http:' && LOOPBACK.test(hostname)
    if (protocol !== 'https:' && !this.isLoopback) {
      throw new ConfigurationError(`Invalid OAuth issuer ${JSON.stringify(this.name)}. Use an HTTPS URL.`)
    }
    this.#issuer = issuer
  }

  /** Returns the metadata. It is discovered once; after a failure, the next call tries again. */
  async read(reach: Network): Promise<client.ServerMetadata> {
    if (typeof this.#issuer !== 'string') return this.#issuer
    this.#found ??= this.#discover(this.#issuer, reach)
    return this.#found
  }

  async #discover(issuer: string, reach: Network): Promise<client.ServerMetadata> {
    try {
      return await this.#request(issuer, 'oidc', reach)
    } catch (error) {
      if (!isMissing(error)) return this.#fail(error)
      // An OAuth server without OpenID Connect publishes RFC 8414.
      return await this.#request(issuer, 'oauth2', reach).catch((other: unknown) => this.#fail(other))
    }
  }

  #fail(error: unknown): never {
    this.#found = null
    throw error
  }

  async #request(
    issuer: string,
    algorithm: 'oidc' | 'oauth2',
    { fetch, signal }: Network,
  ): Promise<client.ServerMetadata> {
    const seen: { template: string | null } = { template: null }
    const found = await client.discovery(new URL(issuer), 'discovery', undefined, client.None(), {
      algorithm,
      [client.customFetch]: async (url, init) => {
        const response = await fetch(url, { ...(init as RequestInit), signal })
        const template = await templateOf(response.clone(), issuer)
        seen.template = template
        return template === null ? response : withIssuer(response, issuer)
      },
      ...(this.isLoopback && { execute: [client.allowInsecureRequests] }),
    })
    const metadata: client.ServerMetadata = found.serverMetadata()
    return seen.template === null ? metadata : { ...metadata, issuer: seen.template }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof client.ClientError && error.cause instanceof Response && error.cause.status === 404

/**
 * Returns the issuer of a metadata document in which the tenant is a placeholder, as Microsoft Entra publishes it for
 * `common` and `organizations`; null for another document.
 */
async function templateOf(response: Response, expected: string): Promise<string | null> {
  if (!response.ok) return null
  const document: unknown = await response.json().catch(() => null)
  if (typeof document !== 'object' || document === null || !('issuer' in document)) return null
  const { issuer } = document
  if (typeof issuer !== 'string') return null
  const [before, after, ...more] = issuer.split('{tenantid}')
  if (before === undefined || after === undefined || more.length > 0) return null
  const isOurs = expected.startsWith(before) && expected.endsWith(after)
  const tenant = expected.slice(before.length, expected.length - after.length)
  return isOurs && /^[\w.-]+$/.test(tenant) ? issuer : null
}

/** Returns a metadata document with the issuer of its address. */
async function withIssuer(response: Response, issuer: string): Promise<Response> {
  const { status, headers } = response
  const kept = new Headers(headers)
  kept.delete('content-encoding')
  kept.delete('content-length')
  const document = (await response.json()) as object
  return new Response(JSON.stringify({ ...document, issuer }), { status, headers: kept })
}
