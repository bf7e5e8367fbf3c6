import { randomBytes } from 'node:crypto'
import { MyService } from '../my-hub/service.ts'
import type { DeviceState } from './household.ts'

const owner = { id: 'hub-1', name: 'Living room hub' }
const stranger = { id: 'hub-2', name: 'Hub of the neighbours' }
const NEIGHBOURS_TOKEN = 'token-of-the-neighbours'

/** A device with an API token, over HTTP, whose token can be revoked and which can change hands. */
export class Device {
  readonly #service: MyService
  #token: string
  #account = owner

  private constructor(service: MyService, { token, accountId }: { token: string; accountId: string }) {
    this.#service = service
    this.#token = token
    this.#account = accountId === stranger.id ? stranger : owner
    this.#letIn()
  }

  static async start(saved: DeviceState | undefined): Promise<Device> {
    const service = await MyService.start(saved?.port)
    return new Device(service, saved ?? { token: newToken(), accountId: owner.id })
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
    this.#account = this.#account === owner ? stranger : owner
    this.#letIn()
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
