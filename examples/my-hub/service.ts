import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Something that the service answers instead of what it would. */
interface Trouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A small HTTP service that lets in whoever bears one of its tokens. */
export class MyService {
  /** The account that each token belongs to. */
  readonly tokens = new Map<string, { readonly id: string; readonly name: string }>()
  /** How often somebody asked whom a token belongs to. */
  checks = 0
  /** The next answers, in order. */
  readonly troubles: Trouble[] = []
  /** Hangs up on everybody while it is true. */
  down = false
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** @param port 0, if not said: any port that is free */
  static async start(port = 0): Promise<MyService> {
    const service = new MyService()
    await new Promise<void>((resolve, reject) => {
      service.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    return service
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  #answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    if (this.down) {
      response.destroy()
      return
    }
    if (url === '/api/me') this.checks++
    const trouble = this.troubles.shift()
    if (trouble !== undefined) {
      response.writeHead(trouble.status, trouble.headers).end()
      return
    }
    const account = this.tokens.get(headers.authorization?.replace(/^Bearer /, '') ?? '')
    if (account === undefined) response.writeHead(401).end()
    else if (url === '/api/me') response.end(JSON.stringify(account))
    else if (url === '/api/status') response.end(JSON.stringify({ lamps: account.id.length }))
    else response.writeHead(404).end()
  }
}
