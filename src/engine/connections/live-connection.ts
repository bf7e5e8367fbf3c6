import type { Connection } from '../../../machines/draft.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log, LoggedError } from '../../ports/log.ts'
import { loggedError } from '../lib/redact.ts'

/** How long the calls in flight may keep a retired connection open, in milliseconds. */
const DRAIN = 10_000

export interface LiveConnectionOptions {
  readonly client: unknown
  readonly uniqueId: string | null
  readonly title: string
  readonly expiresAt?: number | null | undefined
  readonly dispose: () => void | Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly domain: string
  readonly options: unknown
  readonly storedOptions: JsonObject
  /** As which it was handed what is under the entry; absent where there was nothing. */
  readonly subentriesRevision?: number
  /** What it was opened with: struck from all that is logged of it. */
  readonly secrets: readonly string[]
}

/** An open connection to a service: counted while calls use it, and disposed exactly once. */
export class LiveConnection {
  readonly client: unknown
  readonly uniqueId: string | null
  readonly title: string
  /** When the credential ends (ms since the epoch); null: it does not; undefined: the service does not say. */
  readonly expiresAt: number | null | undefined
  /** The credential revision that it was opened with; 0 until it is adopted. */
  credentialRevision = 0
  /** The options that it was opened with, as the integration reads them. */
  readonly options: unknown
  /** The same as they were stored. */
  readonly storedOptions: JsonObject
  /** As which it was handed what is under the entry; 0 where there was nothing. */
  readonly subentriesRevision: number
  /** Where what is kept is read anew; absent where nobody renews it. */
  readStored?: () => Promise<object>
  readonly #clock: Clock
  readonly #log: Log
  readonly #domain: string
  readonly #secrets: readonly string[]
  readonly #openedAt: number
  readonly #close: () => void | Promise<void>
  #disposal: Promise<void> | null = null
  #uses = 0
  #drained: (() => void) | null = null
  #dropped = false
  #retired = false
  #whenLost: ((lived: number) => void) | null = null

  constructor(options: LiveConnectionOptions) {
    this.client = options.client
    this.uniqueId = options.uniqueId
    this.title = options.title
    this.expiresAt = options.expiresAt
    this.options = options.options
    this.storedOptions = options.storedOptions
    this.subentriesRevision = options.subentriesRevision ?? 0
    this.#close = options.dispose
    this.#clock = options.clock
    this.#log = options.log
    this.#domain = options.domain
    this.#secrets = options.secrets
    this.#openedAt = options.clock.now()
  }

  /** What its `dispose` threw, as it may be logged. */
  redactedError(error: unknown): LoggedError {
    return loggedError(error, this.#secrets)
  }

  /** Disposes a connection that nobody adopts; what its `dispose` throws is logged. */
  close(): Promise<void> {
    return this.#logging(this.dispose())
  }

  /** Lets it go in the background, once the calls in flight have ended. */
  retireInBackground(): void {
    void this.#logging(this.retire())
  }

  /** The client says that the connection dropped. */
  reportLost(): void {
    if (this.#dropped) return
    this.#dropped = true
    this.#whenLost?.(this.#clock.now() - this.#openedAt)
  }

  /** Calls back when the connection drops, at once if it has already; never once it is let go. */
  onLost(whenLost: (lived: number) => void): void {
    if (this.#retired) return
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
    this.#leave()
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
    this.#leave()
    this.#disposal ??= Promise.resolve(this.#closeNow())
    return this.#disposal
  }

  #leave(): void {
    this.#retired = true
    this.#whenLost = null
  }

  #logging(closing: Promise<void>): Promise<void> {
    return closing.catch((error: unknown) => {
      const fields = { domain: this.#domain, error: this.redactedError(error) }
      this.#log.warn('A connection could not be closed.', fields)
    })
  }

  async #closeNow(): Promise<void> {
    await this.#close()
  }
}

/** What a machine's opaque connection holds here. */
export function liveConnectionOf(connection: Connection | null): LiveConnection {
  const live = connection?.reveal()
  if (!(live instanceof LiveConnection))
    throw new TypeError('There is no connection that this engine has made.')
  return live
}
