import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Splits a stream into the messages of PostgreSQL's protocol. `hasType`: the first client message has no type. */
class Messages {
  #rest = Buffer.alloc(0)
  #hasType: boolean

  constructor(hasType: boolean) {
    this.#hasType = hasType
  }

  /** Returns the complete messages, with their types. */
  read(data: Buffer): { readonly type: string; readonly bytes: Buffer }[] {
    this.#rest = Buffer.concat([this.#rest, data])
    const found: { type: string; bytes: Buffer }[] = []
    for (;;) {
      const start = this.#hasType ? 1 : 0
      if (this.#rest.length < start + 4) return found
      const end = start + this.#rest.readUInt32BE(start)
      if (this.#rest.length < end) return found
      const type = this.#hasType ? String.fromCharCode(this.#rest[0] ?? 0) : ''
      found.push({ type, bytes: this.#rest.subarray(0, end) })
      this.#rest = this.#rest.subarray(end)
      this.#hasType = true
    }
  }
}

/** A connection to the server. */
interface Backend {
  readonly socket: Socket
  /** The message that it was started with: it names the database and the role. */
  readonly startup: string
  /** The messages of the server up to its first ReadyForQuery. */
  greeting: Buffer
  isBusy: boolean
  /** The client of the current transaction. */
  client: Client | null
}

interface Client {
  readonly socket: Socket
  startup: Buffer | null
  backend: Backend | null
  /** The connection of the last transaction. */
  last: Backend | null
  /** Number of requests that the server has not answered completely. */
  asked: number
  /** Messages that wait for a connection. */
  readonly queue: Buffer[]
}

/**
 * A pooler in transaction mode, as PgBouncer is: each transaction of a client runs on another connection than the one
 * before, and nothing is reset in between. So a statement that relies on its session fails.
 */
export class TransactionPooler {
  /** Number of transactions. */
  transactions = 0
  readonly #server: Server
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  readonly #backends = new Set<Backend>()
  readonly #clients = new Set<Client>()

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Starts a pooler for the server at this port of this machine. */
  static async start(target: number): Promise<TransactionPooler> {
    const pooler = new TransactionPooler(target)
    pooler.#server.listen(0, '127.0.0.1')
    await once(pooler.#server, 'listening')
    return pooler
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    this.#watch(socket)
    const client: Client = { socket, startup: null, backend: null, last: null, asked: 0, queue: [] }
    const messages = new Messages(false)
    socket.on('data', (data) => {
      for (const { type, bytes } of messages.read(data)) {
        if (client.startup === null) void this.#greet(client, bytes)
        else if (type === 'X') socket.end()
        else this.#forward(client, type, bytes)
      }
    })
    this.#clients.add(client)
    socket.once('close', () => {
      this.#clients.delete(client)
      client.backend?.socket.destroy()
      const isUsed = (startup: string) =>
        [...this.#clients].some((other) => other.startup?.toString('latin1') === startup)
      // Closed databases need no connections: the next test uses another one.
      for (const backend of this.#backends)
        if (!backend.isBusy && !isUsed(backend.startup)) backend.socket.destroy()
    })
  }

  async #greet(client: Client, startup: Buffer): Promise<void> {
    client.startup = startup
    const backend = await this.#take(startup, null)
    client.socket.write(backend.greeting)
    backend.isBusy = false
  }

  #forward(client: Client, type: string, bytes: Buffer): void {
    if (type === 'Q' || type === 'S') client.asked++
    if (client.backend !== null) client.backend.socket.write(bytes)
    else if (client.queue.push(bytes) === 1) void this.#begin(client)
  }

  async #begin(client: Client): Promise<void> {
    this.transactions++
    const backend = await this.#take(client.startup ?? Buffer.alloc(0), client.last)
    backend.client = client
    client.backend = backend
    for (const message of client.queue.splice(0)) backend.socket.write(message)
  }

  /** Returns a free connection, but not the given one, and marks it as busy. */
  async #take(startup: Buffer, except: Backend | null): Promise<Backend> {
    const name = startup.toString('latin1')
    for (const backend of this.#backends) {
      if (backend.isBusy || backend === except || backend.startup !== name) continue
      backend.isBusy = true
      return backend
    }
    return this.#connect(startup)
  }

  #connect(startup: Buffer): Promise<Backend> {
    const socket = connect(this.#target, '127.0.0.1')
    this.#watch(socket)
    const name = startup.toString('latin1')
    const backend: Backend = {
      socket,
      startup: name,
      greeting: Buffer.alloc(0),
      isBusy: true,
      client: null,
    }
    this.#backends.add(backend)
    socket.write(startup)
    socket.once('close', () => {
      this.#backends.delete(backend)
      backend.client?.socket.destroy()
    })
    const messages = new Messages(true)
    return new Promise((resolve) => {
      socket.on('data', (data) => {
        for (const { type, bytes } of messages.read(data)) {
          if (backend.client !== null) {
            this.#answer(backend, backend.client, type, bytes)
            continue
          }
          backend.greeting = Buffer.concat([backend.greeting, bytes])
          if (type === 'Z') resolve(backend)
        }
      })
    })
  }

  #answer(backend: Backend, client: Client, type: string, bytes: Buffer): void {
    client.socket.write(bytes)
    if (type !== 'Z' || --client.asked > 0) return
    // The last byte is the state of the session: idle if the transaction is over.
    if (bytes.at(-1) !== 'I'.charCodeAt(0)) return
    client.last = backend
    client.backend = null
    backend.client = null
    backend.isBusy = false
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true).on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
