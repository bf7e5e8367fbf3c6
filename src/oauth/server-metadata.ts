import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** The metadata of a server (RFC 8414, OpenID Connect Discovery). Requested once. */
export class ServerMetadata {
  /** Whether the server runs on this machine. Only then HTTP is allowed. */
  readonly isLoopback: boolean
  readonly #issuer: string | client.ServerMetadata
  #found: Promise<client.ServerMetadata> | null = null

  /** @throws ConfigurationError if the issuer is not an HTTPS URL */
  constructor(issuer: string | client.ServerMetadata) {
    const name = typeof issuer === 'string' ? issuer : issuer.issuer
    const { protocol, hostname } = URL.parse(name) ?? { protocol: '', hostname: '' }
    this.isLoopback = protocol === 'http:' && LOOPBACK.test(hostname)
    if (protocol !== 'https:' && !this.isLoopback) {
      throw new ConfigurationError(`Invalid OAuth issuer ${JSON.stringify(name)}. Use an HTTPS URL.`)
    }
    this.#issuer = issuer
  }

  /** Returns the metadata. It is discovered once; after a failure, the next call tries again. */
  async read(reach: Pick<Reach, 'fetch' | 'signal'>): Promise<client.ServerMetadata> {
    if (typeof this.#issuer !== 'string') return this.#issuer
    this.#found ??= this.#discover(this.#issuer, reach)
    return this.#found
  }

  async #discover(
    issuer: string,
    { fetch, signal }: Pick<Reach, 'fetch' | 'signal'>,
  ): Promise<client.ServerMetadata> {
    try {
      const found = await client.discovery(new URL(issuer), 'discovery', undefined, client.None(), {
        [client.customFetch]: (url, init) => fetch(url, { ...(init as RequestInit), signal }),
        ...(this.isLoopback && { execute: [client.allowInsecureRequests] }),
      })
      return found.serverMetadata()
    } catch (error) {
      this.#found = null
      throw error
    }
  }
}
