import type { Clock } from '../ports/clock.ts'
import type { LoggedError } from '../ports/log.ts'
import { loggedError } from './scrub.ts'

/** How long the calls in flight may keep a retired connection open, in milliseconds. */
const DRAIN = 10_000

export interface LiveConnectionOptions {
  readonly client: unknown
  readonly uniqueId: string | null
  readonly title: string | null
  readonly dispose: () => void | Promise<void>
  readonly clock: Clock
  /** What it was opened with: struck from all that is logged of it. */
  readonly secrets: readonly string[]
}

/** An open connection to a service: counted while calls use it, and disposed exactly once. */
export class LiveConnection {
  readonly client: unknown
  readonly uniqueId: string | null
  readonly title: string | null
  /** The credential revision that it was opened with; 0 until it is adopted. */
  credentialRevision = 0
  readonly #clock: Clock
  readonly #secrets: readonly string[]
  readonly #openedAt: number
  readonly #close: () => void | Promise<void>
  #disposal: Promise<void> | null = null
  #uses = 0
  #drained: (() => void) | null = null
  #dropped = false
  #whenLost: ((lived: number) => void) | null = null

  constructor({ client, uniqueId, title, dispose, clock, secrets }: LiveConnectionOptions) {
    this.client = client
    this.uniqueId = uniqueId
    this.title = title
    this.#close = dispose
    this.#clock = clock
    this.#secrets = secrets
    this.#openedAt = clock.now()
  }

  /** What its `dispose` threw, as it may be logged. */
  logged(error: unknown): LoggedError {
    return loggedError(error, this.#secrets)
  }

  /** The client says that the connection dropped. */
  drop(): void {
    if (this.#dropped) return
    this.#dropped = true
    this.#whenLost?.(this.#clock.now() - this.#openedAt)
  }

  /** Calls back when the connection drops, at once if it has already. */
  onLost(whenLost: (lived: number) => void): void {
    this.#whenLost = whenLost
    if (this.#dropped) whenLost(this.#clock.now() - this.#openedAt)
  }

  async use<Result>(work: (client: unknown) => Promise<Result> | Result): Promise<Result> {
    this.#uses++
    try {
      return await work(this.client)
    } finally {
      if (--this.#uses === 0) this.#drained?.()
    }
  }

  /** Disposes once the calls in flight have ended, or after ten seconds. Rejects as `dispose` of the integration does. */
  retire(): Promise<void> {
    this.#whenLost = null
    if (this.#uses === 0) return this.dispose()
    const drained = new Promise<void>((resolve) => {
      const timer = this.#clock.setTimeout(resolve, DRAIN)
      this.#drained = () => {
        this.#clock.clearTimeout(timer)
        resolve()
      }
    })
    return drained.then(() => this.dispose())
  }

  dispose(): Promise<void> {
    this.#whenLost = null
    this.#disposal ??= Promise.resolve(this.#closeNow())
    return this.#disposal
  }

  async #closeNow(): Promise<void> {
    await this.#close()
  }
}
