import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A service that accepts connections but never responds. */
export class SilentServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #connected: Promise<unknown>

  private constructor(server: Server) {
    this.#server = server
    this.#connected = once(server, 'connection')
    server.on('connection', (socket) => this.#sockets.add(socket))
  }

  static async start(port = 0): Promise<SilentServer> {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new SilentServer(server)
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Waits for the first connection. */
  async isAsked(): Promise<void> {
    await this.#connected
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}
