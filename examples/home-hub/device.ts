import { randomBytes } from 'node:crypto'
import type { Discovery } from '../../src/index.ts'
import { MyService } from '../my-hub/service.ts'
import type { DeviceState } from './household.ts'
import { listenAgain } from './listen-again.ts'

/** The owner of a device and its other properties. */
interface Account {
  readonly id: string
  readonly name: string
}

/** A device that users link by hand. */
export const livingRoom: Account = { id: 'hub-1', name: 'Living room hub' }
/** A discovered device. */
export const attic: Account = { id: 'hub-3', name: 'Hub in the attic' }
const stranger: Account = { id: 'hub-2', name: 'Hub of the neighbors' }
const NEIGHBORS_TOKEN = 'token-of-the-neighbors'

/** A device with an API token over HTTP. The token can be revoked, and the owner can change. */
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
    const service = await listenAgain('device', saved?.port, MyService.start(saved?.port))
    return new Device(owner, service, saved ?? { token: newToken(), accountId: owner.id })
  }

  /** The device's announcement on the network. Anyone can send one, so it never contains the token. */
  get announcement(): Discovery & { readonly key: string } {
    const { id, name } = this.#account
    return { uniqueId: id, values: { host: this.host }, title: name, key: `example:${this.#owner.id}` }
  }

  /** The state to save while the device is off. */
  get state(): DeviceState {
    return { port: this.#service.port, token: this.#token, accountId: this.#account.id }
  }

  get host(): string {
    return this.#service.host
  }

  /** A token of a different account. */
  get neighborsToken(): string {
    return NEIGHBORS_TOKEN
  }

  get running(): boolean {
    return !this.#service.down
  }

  /** Revokes the token and creates a new one. */
  revokeToken(): void {
    this.#token = newToken()
    this.#letIn()
  }

  /** Assigns the token to a different account, or back to the first one. */
  swapAccount(): void {
    this.#account = this.#account === stranger ? this.#owner : stranger
    this.#letIn()
  }

  /** Moves the device to a new address. The old address stops responding. */
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
    tokens.set(NEIGHBORS_TOKEN, stranger)
    tokens.set(this.#token, this.#account)
  }
}

const newToken = (): string => `token-${randomBytes(3).toString('hex')}`
