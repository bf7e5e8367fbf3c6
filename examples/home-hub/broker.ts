import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesOptions, type Client } from 'aedes'

/** An account of the broker. `accountId` identifies it; the user name can be reassigned to another account. */
export interface BrokerAccount {
  readonly username: string
  readonly password: string
  readonly accountId: string
  /** In degrees Celsius. */
  readonly temperature: number
}

export interface BrokerOptions {
  readonly accounts: readonly BrokerAccount[]
  /** TCP port. Defaults to a free port. */
  readonly port?: number
  /** Whether to accept any password for a known user name. A test uses it to check that the story detects this. */
  readonly careless?: boolean
}

const BAD_USERNAME_OR_PASSWORD = 4
const NOT_AUTHORIZED = 5

/**
 * A real MQTT broker on 127.0.0.1. Each account can only read its own retained topics: `accounts/<username>/id`, which
 * contains the id of the account, and `accounts/<username>/temperature`.
 */
export class Broker {
  /** Number of accepted sign-ins. */
  accepted = 0
  /** Number of rejected sign-ins. */
  refused = 0
  readonly #accounts = new Map<string, BrokerAccount>()
  readonly #locked = new Set<string>()
  readonly #careless: boolean
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Map<Client, string>()
  #port: number
  #running: { readonly aedes: Aedes; readonly server: Server } | null = null
  #hold: PromiseWithResolvers<void> | null = null

  private constructor({ accounts, port = 0, careless = false }: BrokerOptions) {
    for (const account of accounts) this.#accounts.set(account.username, account)
    this.#port = port
    this.#careless = careless
  }

  static async start(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options)
    await broker.restart()
    return broker
  }

  /** The address of the broker. A restart does not change it. */
  get port(): number {
    return this.#port
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  get running(): boolean {
    return this.#running !== null
  }

  /** Number of open connections, authenticated or not. */
  get open(): number {
    return this.#sockets.size
  }

  get accounts(): readonly BrokerAccount[] {
    return [...this.#accounts.values()]
  }

  /** Changes the password of an account and closes its sessions. */
  changePassword(username: string, password: string): void {
    this.#accounts.set(username, { ...this.#account(username), password })
    this.#drop(username)
  }

  /** Reassigns the user name to another account. */
  async swapAccount(username: string, accountId: string): Promise<void> {
    this.#accounts.set(username, { ...this.#account(username), accountId })
    await this.#publish(this.#account(username))
    this.#drop(username)
  }

  /** Closes all sessions. Clients may reconnect. */
  dropSessions(): void {
    for (const client of this.#sessions.keys()) client.close()
  }

  /** Locks an account: its sign-ins are rejected with "not authorized". */
  lock(username: string): void {
    this.#locked.add(username)
    this.#drop(username)
  }

  /** Holds all sign-ins until the returned function is called. */
  hold(): () => void {
    const hold = Promise.withResolvers<void>()
    this.#hold = hold
    return () => {
      this.#hold = null
      hold.resolve()
    }
  }

  /** Starts the broker on the same port. Has no effect if it runs. */
  async restart(): Promise<void> {
    if (this.#running !== null) return
    const aedes = await Aedes.createBroker(this.#rules())
    aedes.on('clientDisconnect', (client) => this.#sessions.delete(client))
    // Clients that disconnect in the middle of a packet cause this.
    aedes.on('clientError', () => {})
    aedes.on('connectionError', () => {})
    const server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    const listening = Promise.withResolvers<void>()
    server.once('error', listening.reject).listen(this.#port, '127.0.0.1', listening.resolve)
    try {
      await listening.promise
    } catch (error) {
      aedes.close()
      throw error
    }
    this.#port = (server.address() as AddressInfo).port
    this.#running = { aedes, server }
    for (const account of this.#accounts.values()) await this.#publish(account)
  }

  /** Closes all connections and stops the broker. */
  async stop(): Promise<void> {
    if (this.#running === null) return
    const { aedes, server } = this.#running
    this.#running = null
    await new Promise<void>((resolve) => aedes.close(resolve))
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #rules(): AedesOptions {
    return {
      authenticate: async (client, username, password, answer) => {
        await this.#hold?.promise
        const code = this.#refusalOf(username, password)
        // A client that has disconnected gets no response and is not counted.
        if (client.closed) return
        if (code !== null) {
          this.refused++
          return answer(Object.assign(new Error('The sign-in is rejected.'), { returnCode: code }), false)
        }
        this.accepted++
        this.#sessions.set(client, username ?? '')
        answer(null, true)
      },
      authorizeSubscribe: (client, subscription, answer) =>
        answer(null, this.#mayRead(client, subscription.topic) ? subscription : null),
      authorizeForward: (client, packet) => (this.#mayRead(client, packet.topic) ? packet : null),
      authorizePublish: (_client, _packet, answer) => answer(new Error('Publishing is not allowed.')),
    }
  }

  #refusalOf(username: string | undefined, password: Buffer | undefined): number | null {
    const account = this.#accounts.get(username ?? '')
    if (account === undefined) return BAD_USERNAME_OR_PASSWORD
    if (this.#locked.has(account.username)) return NOT_AUTHORIZED
    if (this.#careless || password?.toString() === account.password) return null
    return BAD_USERNAME_OR_PASSWORD
  }

  #mayRead(client: Client, topic: string): boolean {
    const username = this.#sessions.get(client)
    return topic === `accounts/${username}/id` || topic === `accounts/${username}/temperature`
  }

  #account(username: string): BrokerAccount {
    const account = this.#accounts.get(username)
    if (account === undefined) throw new Error(`The broker does not have the account ${username}.`)
    return account
  }

  async #publish({ username, accountId, temperature }: BrokerAccount): Promise<void> {
    await this.#retain(`accounts/${username}/id`, accountId)
    await this.#retain(`accounts/${username}/temperature`, String(temperature))
  }

  #retain(topic: string, payload: string): Promise<void> {
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false } as const
    return new Promise((resolve, reject) => {
      if (this.#running === null) return resolve()
      this.#running.aedes.publish(packet, (error) => (error ? reject(error) : resolve()))
    })
  }

  #drop(username: string): void {
    for (const [client, name] of this.#sessions) if (name === username) client.close()
  }
}
