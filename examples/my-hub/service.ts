import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A response that replaces the normal one. */
interface Trouble {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A small HTTP service that accepts its tokens as bearer tokens. */
export class MyService {
  /** The accounts by token. */
  readonly tokens = new Map<string, { readonly id: string; readonly name: string }>()
  /** Number of requests for the account of a token. */
  checks = 0
  /** The next responses, in order. */
  readonly troubles: Trouble[] = []
  /** The time that the service takes to return the account of a token, in milliseconds. */
  checkTime = 0
  /** Whether to close all connections without a response. */
  down = false
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** @param port Defaults to a free port. */
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
    if (url === '/api/me') {
      this.checks++
      if (this.checkTime > 0) {
        setTimeout(() => this.#respond(url, headers, response), this.checkTime)
        return
      }
    }
    this.#respond(url, headers, response)
  }

  #respond(url: string | undefined, headers: IncomingMessage['headers'], response: ServerResponse): void {
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
