import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** A family of tokens: all tokens from one login. */
interface Family {
  /** The one renewal token that is good; a former one that comes again revokes them all. */
  good: string
  access: string
  revoked: boolean
}

/** A token endpoint that rotates its renewal tokens, and takes a token that comes twice for a stolen one. */
export class TokenProvider {
  /** The duration of a refresh in milliseconds, from its arrival. */
  delay = 0
  /** Renewals that were granted. */
  granted = 0
  /** Families that were revoked. */
  revoked = 0
  readonly #families = new Map<string, Family>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? ''
    const [status, body] = request.url?.startsWith('/login') ? this.#login() : this.#renew(given)
    if (request.url?.startsWith('/token')) await setTimeout(this.delay)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  /** A login whose access token has ended when it arrives. */
  #login(): [number, object] {
    const family: Family = { good: '', access: '', revoked: false }
    return [200, { ...this.#next(family), expires_in: -1 }]
  }

  #renew(renewal: string): [number, object] {
    const family = this.#families.get(renewal)
    if (family === undefined || family.revoked) return [400, { error: 'invalid_grant' }]
    if (family.good !== renewal) {
      family.revoked = true
      this.revoked++
      return [400, { error: 'invalid_grant' }]
    }
    this.granted++
    return [200, { ...this.#next(family), expires_in: 3600 }]
  }

  #next(family: Family) {
    family.good = randomUUID()
    family.access = randomUUID()
    this.#families.set(family.good, family)
    return { access_token: family.access, refresh_token: family.good }
  }
}
