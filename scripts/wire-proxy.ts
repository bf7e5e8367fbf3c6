import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The end of a connection: before the request reaches the server, or before the answer reaches the client. */
export type Cut = 'request' | 'answer'

/** The message that ends every answer of the server: `ReadyForQuery`, without its last byte, the transaction state. */
const READY = Buffer.from('Z\0\0\0\x05')
/** The message with which a client says goodbye: `Terminate`. */
const TERMINATE = Buffer.from('X\0\0\0\x04')

/** A network between PostgreSQL and its clients. It counts round trips, and can cut connections. */
export class WireProxy {
  /** Number of times that a client sent something and waited for the answer. */
  trips = 0
  /** Number of cut connections, by the lost part. */
  readonly cuts = { request: 0, answer: 0 }
  /** Called for each request. Cuts the connection if it returns a value. */
  cutNext: () => Cut | null = () => null
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, port))
  }

  /** Starts a proxy for the server at this port of this machine. */
  static async start(port: number): Promise<WireProxy> {
    const proxy = new WireProxy(port)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Returns the connection string with the port of the proxy. */
  through(connectionString: string): string {
    const url = new URL(connectionString)
    url.port = String(this.port)
    return url.href
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true).once('close', () => this.#sockets.delete(socket))
    }
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.once('error', end).once('close', end)
    // No connection is cut before the login is complete.
    let isReady = false
    let isAsking = false
    let losesAnswer = false
    let tail = Buffer.alloc(0)
    client.on('data', (request) => {
      if (isReady && !isAsking && !request.equals(TERMINATE)) {
        isAsking = true
        this.trips++
        const cut = this.cutNext()
        if (cut !== null) this.cuts[cut]++
        if (cut === 'request') return end()
        losesAnswer = cut === 'answer'
      }
      server.write(request)
    })
    server.on('data', (answer) => {
      tail = Buffer.concat([tail, answer]).subarray(-READY.length - 1)
      const isComplete = tail.subarray(0, READY.length).equals(READY)
      if (losesAnswer) return isComplete ? end() : undefined
      if (isComplete) {
        isReady = true
        isAsking = false
      }
      client.write(answer)
    })
  }
}
