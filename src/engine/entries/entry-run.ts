import type { SnapshotFrom } from 'xstate'
import type { configEntryMachine } from '../../../machines/config-entry.ts'
import type { ConfigEntryEvent } from '../../../machines/config-entry-setup.ts'
import { type SetupResult, UnexpectedError } from '../../../machines/entry-result.ts'
import { StoppedError, StoreError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EntryState } from '../api/entries.ts'
import { type LiveConnection, liveConnectionOf } from '../connections/live-connection.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Unreachable } from '../connections/unreachable.ts'
import type { Core } from '../kernel/core.ts'
import { newRef } from '../lib/new-ref.ts'
import { loggedError } from '../lib/redact.ts'
import { isAhead } from '../lib/stored-time.ts'
import { type ActorsOf, performWith, present } from '../statecharts/actors.ts'
import type { Step } from '../statecharts/driver.ts'
import type { Work } from '../statecharts/effects.ts'
import { type Invocation, Run, type RunHooks } from '../statecharts/runner.ts'
import type { AnsweredEntries } from './answered-entries.ts'
import { EntryActors, type EntryParts } from './entry-actors.ts'
import { ends, entryDriver, needsPerson, topOf } from './entry-driver.ts'
import { type BegunCall, EntryHealth } from './entry-health.ts'
import { logState, type Trouble } from './entry-log.ts'
import { FIRST_RETRY, retryWait } from './retry-wait.ts'

type EntryMachine = typeof configEntryMachine

type Snapshot = SnapshotFrom<EntryMachine>

const CALLS_REFUSED = 'The service accepts the credential but refuses the calls. A user must sign in again.'

/** The entry of a run. */
export interface RunEntry {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  /** Whether it connects only for a call. */
  readonly lazy: boolean
}

/** One entry in this process: its machine and its connection. */
export class EntryRun implements RunHooks<EntryMachine> {
  static readonly #actors = {
    migrateEntry: ({ work }) => work.migrate(),
    setUpEntry: (run, { retryRejected }, invocation) =>
      run.work.connect(invocation, { retryRejected, tries: run.tries }),
    probeEntry: (run, _, invocation) =>
      run.work.connect(invocation, { retryRejected: false, tries: run.tries }),
    tryAddress: ({ work }, { address }, invocation) => work.announced.try(present(address), invocation),
    saveAddress: ({ work }, { address, connection }) =>
      work.saveAddress(present(address), liveConnectionOf(connection)),
    discardAddress: ({ work }, { address }) => work.announced.discard(present(address)),
    requireReauth: ({ work }) => work.requireReauth(),
    restoreOriginal: ({ work }) => work.restoreOriginal(),
    drainConnection: (_, { connection }) => liveConnectionOf(connection).drained(),
    disposeConnection: ({ work }, { connection }, invocation) =>
      work.dispose(liveConnectionOf(connection), invocation),
  } satisfies ActorsOf<EntryMachine, EntryRun>

  readonly scope: string
  readonly entryId: string
  readonly domain: string
  readonly clock: Clock
  /** Whether its connection closes with the last call, because another process owns the connection. */
  readonly isBrief: boolean
  /** The number of calls that need the entry in memory. */
  uses = 0
  /** When a call may connect again after a failure (ms since the epoch); null if the entry does not wait for a call. */
  retryAt: number | null = null
  /** Whether it waits because its connection was lost, which no other process knows. */
  isLost = false
  /** The error of the store with which the last setup failed before its login; null without one. */
  storeFailure: StoreError | null = null
  /** Since when it has its state (ms since the epoch). */
  stateSince: number
  /** The time of the next attempt to connect (ms since the epoch); null without one. */
  nextTry: number | null = null
  /** Whether its view was read, so that listeners learn of answers of its service. */
  wasRead = false
  /** The failure that the last line of the log about this entry names; null without one. */
  trouble: Trouble | null = null
  readonly health: EntryHealth
  readonly work: EntryActors
  /** The number of changes of the record that this process knows of. */
  changes = 0
  /** The stamp when this entry was last compared with its record. */
  #compared: number | null = null
  readonly #core: Core
  readonly #answers: AnsweredEntries
  readonly #run: Run<EntryMachine>
  #watchers: readonly (() => void)[] = []
  /** The calls that the API has accepted, until they receive the connection. Null without any. */
  #accepted: Set<Promise<unknown>> | null = null
  /** The time of the last immediate retry after a discovery. */
  #retriedAt = Number.NEGATIVE_INFINITY

  constructor(core: Core, parts: EntryParts, { scope, entryId, domain, lazy }: RunEntry) {
    this.#core = core
    this.scope = scope
    this.entryId = entryId
    this.domain = domain
    this.clock = core.clock
    const integration = core.integrations.get(domain)?.integration
    this.isBrief = integration?.stayConnected === true
    this.stateSince = this.clock.now()
    this.#answers = parts.answers
    this.health = new EntryHealth(integration?.staleAfter, parts.answers.releasedAt(scope, entryId))
    this.work = new EntryActors(core, parts, this)
    const driver = entryDriver()
    const { refusedCalls: refusalLimit, refusedCallsWindow: refusalWindow } = core.limits
    const disposeTimeout = core.connector.disposeTimeoutOf(core.integrations.get(domain))
    const input = { entryId, lazy, refusalLimit, refusalWindow, disposeTimeout }
    this.#run = new Run(driver, driver.start(input), this)
  }

  get state(): EntryState {
    return topOf(this.#run.snapshot)
  }

  get reason(): string | null {
    return this.#run.snapshot.context.reason
  }

  /** Whether it connects only for a call. */
  get lazy(): boolean {
    return this.#run.snapshot.context.lazy
  }

  /** The connection for calls; null if it is closing or could not be closed. */
  get live(): LiveConnection | null {
    const { connection } = this.#run.snapshot.context
    return connection === null || this.state !== 'loaded' ? null : liveConnectionOf(connection)
  }

  /** The number of attempts to connect that failed in a row. */
  get tries(): number {
    return this.#run.snapshot.context.tries
  }

  /** Whether the service has refused calls since the last one that passed. */
  get refusesCalls(): boolean {
    return this.#run.snapshot.context.refusedCalls.length > 0
  }

  get working(): boolean {
    return this.#run.working
  }

  /** Sends an event. Returns false if the state does not accept it, or if the engine stops and it would start work. */
  send(event: ConfigEntryEvent): boolean {
    if (this.#core.lifetime.ended && !ends.has(event.type)) return false
    return this.#run.send(event)
  }

  settled(): Promise<void> {
    return this.#run.settled()
  }

  /** A number that changes if the record of the entry may have changed. */
  get stamp(): number {
    return (this.#core.store.feed.stamp?.() ?? 0) + this.changes
  }

  /** Whether the record may have changed since the last comparison. */
  get isUncompared(): boolean {
    return this.stamp !== this.#compared
  }

  /** Records that the entry was compared with its record as it was at a stamp. */
  compared(stamp: number): void {
    this.#compared = stamp
  }

  /** Records that the record may have changed, so that the next use compares it. Wakes calls that wait for a change. */
  noticeChange(): void {
    this.changes++
    for (const watcher of this.#watchers) watcher()
  }

  /** Adds a listener for all steps and changes. @returns a function that removes it */
  watch(watcher: () => void): () => void {
    this.#watchers = [...this.#watchers, watcher]
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== watcher)
    }
  }

  /** Registers a call until it has received the connection. A stop of the engine waits for it. */
  accept<Result>(ready: Promise<Result>): Promise<Result> {
    const accepted = this.#accepted ?? new Set()
    this.#accepted = accepted.add(ready)
    const forget = () => {
      accepted.delete(ready)
      if (accepted.size === 0) this.#accepted = null
    }
    ready.then(forget, forget)
    return ready
  }

  /** Ends the wait for calls in progress. */
  giveUpCalls(): void {
    const { connection } = this.#run.snapshot.context
    if (connection !== null) liveConnectionOf(connection).giveUpCalls()
  }

  /** Unloads the entry in every state. If it is loaded, calls that were accepted before can begin until `latest`. */
  async stop(latest: Promise<void> = Promise.resolve()): Promise<void> {
    if (this.live !== null && this.#accepted !== null)
      await Promise.race([Promise.allSettled(this.#accepted), latest])
    if (!this.send({ type: 'unload' })) {
      // It records something, or its connection is closing already.
      await this.settled()
      this.send({ type: 'unload' })
    }
    await this.settled()
  }

  /**
   * Retries immediately if the entry waits for its next attempt, because its device was discovered. Not before the
   * time that the service specified, and at most once per initial backoff.
   */
  retryNow(): void {
    const now = this.clock.now()
    if (this.state !== 'setup_retry') return
    if (isAhead(this.work.until, now, MAX_RETRY_AFTER)) return
    if (isAhead(this.#retriedAt + FIRST_RETRY, now, FIRST_RETRY)) return
    this.#retriedAt = now
    // The next call connects.
    if (this.retryAt !== null) this.retryAt = now
    else this.send({ type: 'retry' })
  }

  /** Performs an actor of the machine. */
  async perform(invocation: Invocation): Promise<unknown> {
    try {
      return await performWith(EntryRun.#actors, this, invocation)
    } catch (error) {
      const { scope, entryId, domain } = this
      const { src } = invocation.work
      const fields = { scope, entryId, domain, code: src, error: loggedError(error) }
      // The error of a client's `dispose` has been logged without its secrets.
      if (src !== 'disposeConnection' && !(error instanceof StoppedError))
        this.#core.log.error(fields, 'An actor of an entry failed unexpectedly.')
      // It prepared a setup, whose login has not begun.
      const isUnasked = src === 'migrateEntry' || (ofSetups.has(src) && !this.work.hasAsked)
      if (error instanceof StoreError && isUnasked) {
        this.storeFailure = error
        throw new UnexpectedError(retryWait(this.#core, 0, null), true)
      }
      const wait = this.#retryWait()
      if (ofSetups.has(src)) await this.work.recordError(error, this.tries, wait)
      throw new UnexpectedError(wait)
    }
  }

  /** Reports a step of the machine. */
  stepped({ snapshot, emitted, event, failures }: Step<EntryMachine>, before: Snapshot | null): void {
    const { scope, entryId, domain } = this
    const { events } = this.#core
    for (const each of emitted) {
      if (each.type === 'callsRefused') this.#core.log.warn({ scope, entryId, domain }, CALLS_REFUSED)
      else if (each.type === 'loaded') events.emit('entry_loaded', { scope, entryId, domain })
      else {
        const live = liveConnectionOf(each.connection)
        if (each.type === 'notClosed') live.reportNotClosed({ scope, entryId })
        // The connection closes only after the listeners.
        else
          for (const ended of events.emit('entry_unloaded', { scope, entryId, domain })) live.holdUntil(ended)
      }
    }
    if (!snapshot.matches('parked')) this.retryAt = null
    else {
      this.retryAt = this.clock.now() + snapshot.context.wait
      this.isLost = event === 'lost'
    }
    this.nextTry = snapshot.matches('setup_retry') ? this.clock.now() + snapshot.context.wait : this.retryAt
    const to = topOf(snapshot)
    const from = before === null ? null : topOf(before)
    const { reason } = snapshot.context
    const of = { scope, machine: 'configEntry', id: entryId } as const
    this.#core.events.step(of, { snapshot, event, failures, before })
    if (from !== null && from !== to) {
      this.trouble = logState(this.#core.log, this, { state: to, reason })
      this.stateSince = this.clock.now()
      if (from === 'loaded') this.health.forgetFailures()
      events.emit('entry_state_changed', { scope, entryId, domain, from, to, reason })
      if (needsPerson(from) || needsPerson(to)) events.emit('attention_changed', { scope, entryId })
    }
    const { connection } = snapshot.context
    if (connection !== null && connection !== before?.context.connection)
      this.#opened(liveConnectionOf(connection))
    for (const watcher of this.#watchers) watcher()
  }

  #retryWait(): number {
    return retryWait(this.#core, this.tries, null)
  }

  /** Records that the service has answered. */
  answered(): void {
    const at = this.clock.now()
    if (this.health.answered(at)) this.#announceQuiet(false)
    this.#answers.answered(this, at)
  }

  /** Records that a call has failed on a connection, and whether it did not reach the service. */
  callFailed(begun: BegunCall, error: unknown): void {
    // The entry was unloaded or has another connection. The error tells nothing about the service.
    if (this.live !== begun.live) return
    const code = this.health.outcomeOf(begun, error)
    if (code === 'answered') this.answered()
    else if (code !== null) this.#unreachable(begun, code, error)
  }

  #unreachable(begun: BegunCall, code: Unreachable, error: unknown): void {
    const { scope, entryId, domain } = this
    const at = this.clock.now()
    if (!this.health.unreachable(begun, { code, at, ...begun.live.failureDetail(error) })) return
    const ref = newRef()
    const fields = { scope, entryId, domain, ref, error: begun.live.redactedError(error) }
    this.#core.log.warn(fields, 'Calls cannot reach the service of an entry.')
    this.health.failure = { code, at, ...begun.live.failureDetail(error, ref) }
    this.#announceQuiet(true)
  }

  #announceQuiet(quiet: boolean): void {
    const { scope, entryId, domain } = this
    this.#core.events.emit('entry_quiet', { scope, entryId, domain, quiet })
  }

  #opened(live: LiveConnection): void {
    this.answered()
    // In a microtask, because a lost connection would send an event during the current step.
    queueMicrotask(() => live.onLost(() => this.send({ type: 'lost', wait: this.#retryWait() })))
  }

  /** Closes a connection that opened after the entry had left the state. */
  late(_work: Work, output: unknown): void {
    const result = output as SetupResult | undefined
    if (result?.type === 'connected') void liveConnectionOf(result.connection).close()
  }
}

/** The actors whose errors are failures of a setup. */
const ofSetups: ReadonlySet<string> = new Set(['setUpEntry', 'probeEntry'])
