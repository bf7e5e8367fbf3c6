import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesOptions, type Client } from 'aedes'

/** Somebody who may log in. `accountId` is who they are; the user name may come to belong to another account. */
export interface BrokerAccount {
  readonly username: string
  readonly password: string
  readonly accountId: string
  /** In degrees Celsius. */
  readonly temperature: number
}

export interface BrokerOptions {
  readonly accounts: readonly BrokerAccount[]
  /** 0, if not said: any port that is free. */
  readonly port?: number
  /** Lets every known user name in, whatever the password: a broken broker, to see that a story notices. */
  readonly careless?: boolean
}

const BAD_USERNAME_OR_PASSWORD = 4
const NOT_AUTHORIZED = 5

/**
 * A real MQTT broker on 127.0.0.1. Each account may read its own retained topics and nothing else:
 * `accounts/<username>/id`, which tells the account's identity, and `accounts/<username>/temperature`.
 */
export class Broker {
  /** Logins that were let in. */
  accepted = 0
  /** Logins that were turned away. */
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

  /** Where it listens; the same after a restart. */
  get port(): number {
    return this.#port
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  get running(): boolean {
    return this.#running !== null
  }

  /** Connections that are open now, logged in or not. */
  get open(): number {
    return this.#sockets.size
  }

  get accounts(): readonly BrokerAccount[] {
    return [...this.#accounts.values()]
  }

  /** Gives an account another password, and drops its sessions. */
  changePassword(username: string, password: string): void {
    this.#accounts.set(username, { ...this.#account(username), password })
    this.#drop(username)
  }

  /** The user name belongs to another account from now on, as when a device is replaced by one of its kind. */
  async swapAccount(username: string, accountId: string): Promise<void> {
    this.#accounts.set(username, { ...this.#account(username), accountId })
    await this.#publish(this.#account(username))
    this.#drop(username)
  }

  /** Hangs up on everybody who is logged in; they may come back. */
  dropSessions(): void {
    for (const client of this.#sessions.keys()) client.close()
  }

  /** Lets an account in no more: its logins are answered "not authorized". */
  lock(username: string): void {
    this.#locked.add(username)
    this.#drop(username)
  }

  /** Answers no login until the returned function is called. */
  hold(): () => void {
    const hold = Promise.withResolvers<void>()
    this.#hold = hold
    return () => {
      this.#hold = null
      hold.resolve()
    }
  }

  /** Listens again, on the port that it had. Does nothing while it runs. */
  async restart(): Promise<void> {
    if (this.#running !== null) return
    const aedes = await Aedes.createBroker(this.#rules())
    aedes.on('clientDisconnect', (client) => this.#sessions.delete(client))
    // Said by clients that drop in the middle of a packet; there is nothing to do about it.
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

  /** Drops every connection and stops listening. */
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
        // Whoever has hung up meanwhile is not answered, and not counted.
        if (client.closed) return
        if (code !== null) {
          this.refused++
          return answer(Object.assign(new Error('The login is refused.'), { returnCode: code }), false)
        }
        this.accepted++
        this.#sessions.set(client, username ?? '')
        answer(null, true)
      },
      authorizeSubscribe: (client, subscription, answer) =>
        answer(null, this.#mayRead(client, subscription.topic) ? subscription : null),
      authorizeForward: (client, packet) => (this.#mayRead(client, packet.topic) ? packet : null),
      authorizePublish: (_client, _packet, answer) => answer(new Error('Nobody may publish here.')),
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
    if (account === undefined) throw new Error(`The broker has no account ${username}.`)
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
