import * as client from 'openid-client'
import { ConfigurationError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** What a server says of itself (RFC 8414, OpenID Connect Discovery), asked for once. */
export class ServerMetadata {
  /** Whether the server runs on this machine: the one case in which it may be reached without TLS. */
  readonly isLoopback: boolean
  readonly #issuer: string | client.ServerMetadata
  #found: Promise<client.ServerMetadata> | null = null

  /** @throws ConfigurationError where the issuer is none, or is not reached by HTTPS */
  constructor(issuer: string | client.ServerMetadata) {
    const name = typeof issuer === 'string' ? issuer : issuer.issuer
    const { protocol, hostname } = URL.parse(name) ?? { protocol: '', hostname: '' }
    this.isLoopback = protocol === 'http:' && LOOPBACK.test(hostname)
    if (protocol !== 'https:' && !this.isLoopback) {
      throw new ConfigurationError(`An OAuth issuer is an https: address, not ${JSON.stringify(name)}.`)
    }
    this.#issuer = issuer
  }

  /** A discovery that failed is tried again by the next who asks. */
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
