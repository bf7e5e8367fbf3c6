import { randomBytes } from 'node:crypto'
import type { Discovery } from '../../src/index.ts'
import { MyService } from '../my-hub/service.ts'
import type { DeviceState } from './household.ts'

/** Whom a device belongs to: what it says it is. */
interface Account {
  readonly id: string
  readonly name: string
}

/** The device that is linked by hand. */
export const livingRoom: Account = { id: 'hub-1', name: 'Living room hub' }
/** The device that is found. */
export const attic: Account = { id: 'hub-3', name: 'Hub in the attic' }
const stranger: Account = { id: 'hub-2', name: 'Hub of the neighbours' }
const NEIGHBOURS_TOKEN = 'token-of-the-neighbours'

/** A device with an API token, over HTTP, whose token can be revoked and which can change hands. */
export class Device {
  readonly #owner: Account
  #service: MyService
  #token: string
  #account: Account

  private constructor(owner: Account, service: MyService, saved: Omit<DeviceState, 'port'>) {
    this.#owner = owner
    this.#service = service
    this.#token = saved.token
    this.#account = saved.accountId === stranger.id ? stranger : owner
    this.#letIn()
  }

  static async start(owner: Account, saved: DeviceState | undefined): Promise<Device> {
    const service = await MyService.start(saved?.port)
    return new Device(owner, service, saved ?? { token: newToken(), accountId: owner.id })
  }

  /** What it says of itself on the network, where anybody may say anything: never its token. */
  get announcement(): Discovery & { readonly key: string } {
    const { id, name } = this.#account
    return { uniqueId: id, values: { host: this.host }, title: name, key: `example:${this.#owner.id}` }
  }

  /** What is to be kept while it does not run. */
  get state(): DeviceState {
    return { port: this.#service.port, token: this.#token, accountId: this.#account.id }
  }

  get host(): string {
    return this.#service.host
  }

  /** The token of somebody else's account. */
  get neighboursToken(): string {
    return NEIGHBOURS_TOKEN
  }

  get running(): boolean {
    return !this.#service.down
  }

  /** The token is worth nothing from now on, and there is a new one. */
  revokeToken(): void {
    this.#token = newToken()
    this.#letIn()
  }

  /** The same token belongs to another account, or to the first one again. */
  swapAccount(): void {
    this.#account = this.#account === stranger ? this.#owner : stranger
    this.#letIn()
  }

  /** It has another address from now on, and nobody answers at the one before. */
  async move(): Promise<void> {
    const before = this.#service
    this.#service = await MyService.start()
    this.#service.down = before.down
    this.#letIn()
    await before.stop()
  }

  goDown(down: boolean): void {
    this.#service.down = down
  }

  stop(): Promise<void> {
    return this.#service.stop()
  }

  #letIn(): void {
    const { tokens } = this.#service
    tokens.clear()
    tokens.set(NEIGHBOURS_TOKEN, stranger)
    tokens.set(this.#token, this.#account)
  }
}

const newToken = (): string => `token-${randomBytes(3).toString('hex')}`
