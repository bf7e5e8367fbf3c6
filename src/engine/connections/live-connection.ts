import { DRAIN_TIMEOUT } from '../../../machines/config-entry-setup.ts'
import type { Connection } from '../../../machines/draft.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log, LogFields, LoggedError } from '../../ports/log.ts'
import { Call } from '../lib/call.ts'
import { endsWithin, Timeout } from '../lib/deadline.ts'
import { loggedError } from '../lib/redact.ts'
import { Redactor } from '../lib/redactor.ts'
import { type FailureDetail, failureDetail } from './failure-detail.ts'
import { type InitialContent, NO_CONTENT } from './initial-content.ts'
import { Traffic } from './traffic.ts'

/** The options of {@link LiveConnection}. */
export interface LiveConnectionOptions {
  readonly client: unknown
  readonly uniqueId: string | null
  /** Unique ids that the account had before. Defaults to none. */
  readonly formerUniqueIds?: readonly string[]
  readonly title: string
  /** Whether `connect` returned the title. Defaults to false: it is that of the integration. */
  readonly namesTitle?: boolean
  /** The account as its service names it. Defaults to the title that `connect` returned; null without one. */
  readonly account?: string | null
  /** Whether `connect` named the account, not only a title. */
  readonly namesAccount?: boolean
  /** The address that `connect` returned, for users; null without one. */
  readonly address?: string | null
  readonly expiresAt?: number | null | undefined
  readonly dispose: () => void | Promise<void>
  /** The time for `dispose` in milliseconds. */
  readonly disposeTimeout: number
  readonly clock: Clock
  readonly log: Log
  readonly domain: string
  readonly options: unknown
  readonly storedOptions: JsonObject
  /** The revision of the sub-entries that it was opened with; absent without sub-entries. */
  readonly subentriesRevision?: number
  /** The secrets that it was opened with, to redact from logs. */
  readonly secrets: readonly string[]
  /** The requests of `connect` and of the client. Defaults to none. */
  readonly traffic?: Traffic
}

/** An open connection to a service. Counts the calls that use it, and is disposed exactly once. */
export class LiveConnection {
  readonly client: unknown
  readonly uniqueId: string | null
  /** Unique ids that the account had before. */
  readonly formerUniqueIds: readonly string[]
  readonly title: string
  /** Whether `connect` returned the title. */
  readonly namesTitle: boolean
  /** The account as its service names it; null if `connect` returned neither a name nor a title. */
  readonly account: string | null
  /** Whether `connect` named the account, not only a title. */
  readonly namesAccount: boolean
  /** The address that `connect` returned, for users; null without one. */
  readonly address: string | null
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
  /** The options and sub-entries that a new entry begins with. */
  initial: InitialContent = NO_CONTENT
  /** Reads the current stored values; absent if the integration does not refresh them. */
  readStored?: () => Promise<object>
  /** The requests of the client through the `fetch` of its context. */
  readonly traffic: Traffic
  readonly #clock: Clock
  readonly #log: Log
  readonly #domain: string
  readonly #secrets: readonly string[]
  readonly #close: () => void | Promise<void>
  readonly #disposeTimeout: number
  #disposal: Promise<void> | null = null
  /** The calls that use the client, and the promises of listeners. Null without any: most connections are idle. */
  #uses: Set<Call | Promise<unknown>> | null = null
  /** Resolves when the connection is retired and no call uses it. Null until `drained` waits for it. */
  #drain: PromiseWithResolvers<void> | null = null
  #gaveUp = false
  #isReported = false
  #dropped = false
  #retired = false
  #onLost: (() => void) | null = null

  constructor(options: LiveConnectionOptions) {
    this.client = options.client
    this.uniqueId = options.uniqueId
    this.formerUniqueIds = options.formerUniqueIds ?? []
    this.title = options.title
    this.namesTitle = options.namesTitle ?? false
    this.account = options.account ?? null
    this.namesAccount = options.namesAccount ?? false
    this.address = options.address ?? null
    this.expiresAt = options.expiresAt
    this.options = options.options
    this.storedOptions = options.storedOptions
    this.subentriesRevision = options.subentriesRevision ?? 0
    this.#close = options.dispose
    this.#disposeTimeout = options.disposeTimeout
    this.#clock = options.clock
    this.#log = options.log
    this.#domain = options.domain
    this.#secrets = options.secrets
    this.traffic = options.traffic ?? new Traffic()
  }

  /** Converts an error of the integration for the log, without the secrets of this connection. */
  redactedError(error: unknown): LoggedError {
    return loggedError(error, this.#secrets)
  }

  /** Returns the details of an error of the integration, without the secrets of this connection. */
  failureDetail(error: unknown, ref?: string): FailureDetail {
    return failureDetail(error, this.#secrets, ref)
  }

  /** Returns a unique id for the log, without the secrets of this connection. */
  redactedId(uniqueId: string | null): string | null {
    return uniqueId === null ? null : new Redactor(this.#secrets).redact(uniqueId)
  }

  /** Disposes an unused connection, and waits no longer than its timeout. Logs a failure. */
  async close(): Promise<void> {
    const timeout = new Timeout(this.#clock, this.#disposeTimeout)
    try {
      if (!(await endsWithin(timeout, this.dispose()))) this.reportNotClosed()
    } catch (error) {
      this.reportNotClosed({ error: this.redactedError(error) })
    } finally {
      timeout.clear()
    }
  }

  /** Closes the connection in the background, after the calls in progress or their timeout. Logs a failure. */
  retireInBackground(): void {
    this.#markRetired()
    // In a microtask, because listeners of this step can still delay it.
    queueMicrotask(() => void this.#retire())
  }

  /** Logs once that the connection could not be closed. */
  reportNotClosed(fields: LogFields = {}): void {
    if (this.#isReported) return
    this.#isReported = true
    const message =
      fields.error === undefined
        ? 'A connection was not closed in time.'
        : 'A connection could not be closed.'
    this.#log.warn({ domain: this.#domain, ...fields }, message)
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

  /**
   * Runs `work` with the client. Its call is cancelled with `until`, or when the entry is unloaded. The connection
   * stays open until it has ended.
   */
  async use<Result>(
    work: (client: unknown, call: Call) => Promise<Result> | Result,
    until: Call = new Call(),
  ): Promise<Result> {
    const call = new Call()
    until.onAbort = () => call.abort(until.reason)
    if (until.aborted) until.onAbort()
    this.#began(call)
    try {
      return await work(this.client, call)
    } finally {
      until.onAbort = null
      this.#ended(call)
    }
  }

  /** Keeps the connection open until a listener of the host has ended. */
  holdUntil(ended: Promise<unknown>): void {
    this.#began(ended)
    void ended.then(() => this.#ended(ended))
  }

  /** Cancels the calls in progress, because the entry is unloaded. */
  endCalls(): void {
    for (const use of this.#uses ?? []) if (use instanceof Call) use.abort()
  }

  /** Lets `drained` resolve although calls are in progress, because their time has elapsed. */
  giveUpCalls(): void {
    this.#gaveUp = true
    this.#drain?.resolve()
  }

  /** Resolves when no call uses the connection. It does not report a lost connection from now on. */
  async drained(): Promise<void> {
    this.#markRetired()
    if (this.#uses === null || this.#gaveUp) return
    this.#drain ??= Promise.withResolvers()
    await this.#drain.promise
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

  #began(use: Call | Promise<unknown>): void {
    this.#uses ??= new Set()
    this.#uses.add(use)
  }

  #ended(use: Call | Promise<unknown>): void {
    this.#uses?.delete(use)
    if (this.#uses?.size !== 0) return
    this.#uses = null
    if (this.#retired) this.#drain?.resolve()
  }

  async #retire(): Promise<void> {
    const timeout = new Timeout(this.#clock, DRAIN_TIMEOUT)
    await endsWithin(timeout, this.drained())
    timeout.clear()
    await this.close()
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
