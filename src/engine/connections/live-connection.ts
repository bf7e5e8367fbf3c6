import type { Connection } from '../../../machines/draft.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log, LoggedError } from '../../ports/log.ts'
import { loggedError } from '../lib/redact.ts'
import { Redactor } from '../lib/redactor.ts'

/** Calls in progress delay the closing of a connection by at most this time, in milliseconds. */
const DRAIN_TIMEOUT = 10_000

/** The options of {@link LiveConnection}. */
export interface LiveConnectionOptions {
  readonly client: unknown
  readonly uniqueId: string | null
  /** Unique ids that the account had before. Defaults to none. */
  readonly formerUniqueIds?: readonly string[]
  readonly title: string
  readonly expiresAt?: number | null | undefined
  readonly dispose: () => void | Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly domain: string
  readonly options: unknown
  readonly storedOptions: JsonObject
  /** The revision of the sub-entries that it was opened with; absent without sub-entries. */
  readonly subentriesRevision?: number
  /** The secrets that it was opened with, to redact from logs. */
  readonly secrets: readonly string[]
}

/** An open connection to a service. Counts the calls that use it, and is disposed exactly once. */
export class LiveConnection {
  readonly client: unknown
  readonly uniqueId: string | null
  /** Unique ids that the account had before. */
  readonly formerUniqueIds: readonly string[]
  readonly title: string
  /**
   * Expiration time of the credential (ms since the epoch); null if it does not expire, undefined if the service does
   * not report it.
   */
  readonly expiresAt: number | null | undefined
  /** The credential revision that it was opened with; 0 until it is adopted. */
  credentialRevision = 0
  /** The options that it was opened with, parsed by the integration's schema. */
  readonly options: unknown
  /** The options that it was opened with, as stored. */
  readonly storedOptions: JsonObject
  /** The revision of the sub-entries that it was opened with; 0 without sub-entries. */
  readonly subentriesRevision: number
  /** Reads the current stored values; absent if the integration does not refresh them. */
  readStored?: () => Promise<object>
  readonly #clock: Clock
  readonly #log: Log
  readonly #domain: string
  readonly #secrets: readonly string[]
  readonly #close: () => void | Promise<void>
  #disposal: Promise<void> | null = null
  #uses = 0
  #drained: (() => void) | null = null
  #dropped = false
  #retired = false
  #onLost: (() => void) | null = null

  constructor(options: LiveConnectionOptions) {
    this.client = options.client
    this.uniqueId = options.uniqueId
    this.formerUniqueIds = options.formerUniqueIds ?? []
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
  }

  /** Converts an error of the integration for the log, without the secrets of this connection. */
  redactedError(error: unknown): LoggedError {
    return loggedError(error, this.#secrets)
  }

  /** Returns a unique id for the log, without the secrets of this connection. */
  redactedId(uniqueId: string | null): string | null {
    return uniqueId === null ? null : new Redactor(this.#secrets).redact(uniqueId)
  }

  /** Disposes an unused connection. Logs an error of `dispose`. */
  close(): Promise<void> {
    return this.#logging(this.dispose())
  }

  /** Retires the connection without waiting. Logs an error of `dispose`. */
  retireInBackground(): void {
    void this.#logging(this.retire())
  }

  /** Called when the integration reports that the connection was lost. */
  reportLost(): void {
    if (this.#dropped) return
    this.#dropped = true
    this.#onLost?.()
  }

  /**
   * Sets the listener for a lost connection. It is called immediately if the connection is already lost, and not
   * called after the connection was retired.
   */
  onLost(listener: () => void): void {
    if (this.#retired) return
    this.#onLost = listener
    if (this.#dropped) listener()
  }

  /** Runs `work` with the client. `retire` waits for it. */
  async use<Result>(work: (client: unknown) => Promise<Result> | Result): Promise<Result> {
    this.#uses++
    try {
      return await work(this.client)
    } finally {
      if (--this.#uses === 0) this.#drained?.()
    }
  }

  /** Disposes after the calls in progress, or after ten seconds. @throws any error of the integration's `dispose` */
  retire(): Promise<void> {
    this.#markRetired()
    if (this.#uses === 0) return this.dispose()
    const drained = new Promise<void>((resolve) => {
      const timer = this.#clock.setTimeout(resolve, DRAIN_TIMEOUT)
      this.#drained = () => {
        this.#clock.clearTimeout(timer)
        resolve()
      }
    })
    return drained.then(() => this.dispose())
  }

  /** Disposes now. Further calls return the same promise. @throws any error of the integration's `dispose` */
  dispose(): Promise<void> {
    this.#markRetired()
    this.#disposal ??= Promise.resolve(this.#closeNow())
    return this.#disposal
  }

  #markRetired(): void {
    this.#retired = true
    this.#onLost = null
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

/** Returns the connection that the opaque `Connection` of a machine contains. */
export function liveConnectionOf(connection: Connection | null): LiveConnection {
  const live = connection?.reveal()
  if (!(live instanceof LiveConnection)) throw new TypeError('The machine has no connection of this engine.')
  return live
}
