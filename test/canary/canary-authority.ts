import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'

/** The answer of an endpoint: a status, and a body that is JSON unless it is text. */
export type Answer = readonly [status: number, body: object | string]

/** An OAuth server that grants canaries. Each test sets its answers. */
export class CanaryAuthority {
  /** The received bodies: the positive control. */
  readonly heard: string[] = []
  /** The time of the host's clock minus that of this one, in milliseconds. */
  ahead: () => number = () => 0
  /** The answer of the token endpoint. */
  token: (asked: URLSearchParams) => Answer | Promise<Answer> = () => this.granted()
  /** The answer of the endpoint for device codes. */
  device: (asked: URLSearchParams) => Answer = () => this.code()
  /** The answer to a revocation. */
  revocation: (asked: URLSearchParams) => Answer = () => [200, {}]
  /** The account of the user. */
  subject: string = plain.account
  /** The nonce of the next ID token. */
  nonce = ''
  readonly #server: Server
  readonly #key: CryptoKey

  private constructor(server: Server, key: CryptoKey) {
    this.#server = server
    this.#key = key
  }

  static async start(): Promise<CanaryAuthority> {
    const { privateKey } = await generateKeyPair('RS256')
    const server = createServer()
    const authority = new CanaryAuthority(server, privateKey)
    server.on('request', async (request, response) => {
      const body = await text(request)
      authority.heard.push(body)
      const asked = new URLSearchParams(body)
      const endpoints = {
        '/token': authority.token,
        '/device': authority.device,
        '/revoke': authority.revocation,
      }
      const [status, said] = (await endpoints[request.url as keyof typeof endpoints](asked)) as Answer
      const isText = typeof said === 'string'
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' })
      response.end(isText ? said : JSON.stringify(said))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return authority
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get metadata() {
    const { issuer } = this
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device`,
      revocation_endpoint: `${issuer}/revoke`,
    }
  }

  /** Tokens whose access token expires in two minutes. */
  async granted(more: object = {}): Promise<Answer> {
    const tokens = {
      access_token: canaries.access,
      refresh_token: canaries.refresh,
      id_token: await this.#id(),
    }
    return [
      200,
      { ...tokens, token_type: 'bearer', expires_in: Math.ceil(this.ahead() / 1000) + 119, ...more },
    ]
  }

  code(more: object = {}): Answer {
    const shown = { user_code: plain.userCode, verification_uri: `${this.issuer}/enter` }
    return [200, { device_code: canaries.device, ...shown, expires_in: 600, interval: 5, ...more }]
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #id(): Promise<string> {
    const claims = { identity: canaries.identity, ...(this.nonce !== '' && { nonce: this.nonce }) }
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(this.issuer)
      .setAudience(plain.client)
      .setSubject(this.subject)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(this.#key)
  }
}
