import type { Clock } from '../../ports/clock.ts'
import type { Changes, Feed } from '../../ports/feed.ts'
import type { Log } from '../../ports/log.ts'
import { unref } from '../lib/long-clock.ts'
import { loggedError } from '../lib/redact.ts'
import type { Events } from './events.ts'

/** Interval at which a store is read that does not notify, or that has failed, in milliseconds. */
const POLL_INTERVAL = 2_000

/** A scope whose changes are emitted. */
interface Heard {
  /** The number of `hear` calls that have not ended. */
  hearers: number
  /** The number of the last change that was emitted; null before the first read. */
  since: number | null
  /** Whether changes from before the first read may have been missed. */
  isLate: boolean
  reading: Promise<void> | null
  /** Whether to read again after the current read. */
  readAgain: boolean
}

/** The dependencies of the change feed. */
interface FeedCore {
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
}

/**
 * Emits the changes that other processes make, as `other_process_changed`. It reads the feed of the store once per
 * process, and only the scopes that have a hearer. If the store fails, it reads the same changes later.
 */
export class ChangeFeed {
  readonly #feed: Feed
  readonly #core: FeedCore
  readonly #scopes = new Map<string, Heard>()
  #stopListening: (() => void) | null = null
  #timer: unknown = null
  #polling: Promise<void> | null = null
  #pollAgain = false
  /** The calls that have failed: the poll (null), or the read of a scope. */
  readonly #failing = new Set<string | null>()
  #isStopped = false

  constructor(feed: Feed, core: FeedCore) {
    this.#feed = feed
    this.#core = core
  }

  /** Emits the changes of a scope that begin after this call. @returns a function that ends it */
  hear(scope: string): () => void {
    if (this.#isStopped) return () => {}
    const heard = this.#scopes.get(scope)
    if (heard !== undefined) heard.hearers++
    else {
      const begun: Heard = { hearers: 1, since: null, isLate: false, reading: null, readAgain: false }
      this.#scopes.set(scope, begun)
      this.#listen()
      void this.#read(scope, begun)
    }
    let hears = true
    return () => {
      if (hears) this.#unhear(scope)
      hears = false
    }
  }

  /** Resolves when changes that another process makes from now on are emitted. Has no effect for other scopes. */
  async ready(scope: string): Promise<void> {
    const heard = this.#scopes.get(scope)
    if (heard?.since === null) await heard.reading
  }

  /** Resolves when all changes up to now have been emitted, or could not be read. */
  async catchUp(scope: string): Promise<void> {
    const heard = this.#scopes.get(scope)
    if (heard !== undefined) await this.#read(scope, heard)
  }

  /** Emits no more changes, and waits for the reads in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#unlisten()
    const reads = [...this.#scopes.values()].map(({ reading }) => reading)
    this.#scopes.clear()
    await Promise.all([...reads, this.#polling])
  }

  #unhear(scope: string): void {
    const heard = this.#scopes.get(scope)
    if (heard === undefined || --heard.hearers > 0) return
    this.#scopes.delete(scope)
    this.#failing.delete(scope)
    if (this.#scopes.size === 0) this.#unlisten()
  }

  #listen(): void {
    if (this.#scopes.size > 1) return
    this.#stopListening = this.#feed.listen?.((scopes) => this.#wake(scopes)) ?? null
    if (this.#stopListening === null) this.#pollLater()
  }

  #unlisten(): void {
    this.#stopListening?.()
    this.#stopListening = null
    this.#core.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #wake(scopes: readonly string[] | null): void {
    if (scopes === null) void this.#poll()
    for (const scope of scopes ?? []) {
      const heard = this.#scopes.get(scope)
      if (heard !== undefined) void this.#read(scope, heard)
    }
  }

  #pollLater(): void {
    if (this.#timer !== null || this.#scopes.size === 0) return
    this.#timer = this.#core.clock.setTimeout(() => {
      this.#timer = null
      void this.#poll()
      if (this.#stopListening === null) this.#pollLater()
    }, POLL_INTERVAL)
    unref(this.#timer)
  }

  /** Reads the scopes that have changed. A call during a poll repeats it. */
  #poll(): Promise<void> {
    this.#pollAgain = true
    this.#polling ??= this.#pollAll().finally(() => {
      this.#polling = null
    })
    return this.#polling
  }

  async #pollAll(): Promise<void> {
    while (this.#pollAgain && !this.#isStopped) {
      this.#pollAgain = false
      const known = new Map<string, number>()
      const reads: Promise<void>[] = []
      for (const [scope, heard] of this.#scopes) {
        if (heard.since === null) reads.push(this.#read(scope, heard))
        else known.set(scope, heard.since)
      }
      for (const scope of await this.#contained(null, () => this.#feed.moved(known), [])) {
        const heard = this.#scopes.get(scope)
        if (heard !== undefined) reads.push(this.#read(scope, heard))
      }
      await Promise.all(reads)
    }
  }

  /** Reads a scope. A call during a read repeats it. */
  #read(scope: string, heard: Heard): Promise<void> {
    heard.readAgain = true
    heard.reading ??= this.#readAll(scope, heard).finally(() => {
      heard.reading = null
    })
    return heard.reading
  }

  async #readAll(scope: string, heard: Heard): Promise<void> {
    while (heard.readAgain && this.#scopes.get(scope) === heard) {
      heard.readAgain = false
      const changes = await this.#contained(scope, () => this.#changesOf(scope, heard), null)
      // Another process may write between a failed first read and the next.
      if (changes === null) heard.isLate ||= heard.since === null
      else if (this.#scopes.get(scope) === heard) this.#emit(scope, heard, changes)
    }
  }

  /** Returns the changes since the last read. The first read returns only the number of the last change. */
  async #changesOf(scope: string, { since, isLate }: Heard): Promise<Changes> {
    if (since !== null) return this.#feed.read(scope, since)
    const seq = await this.#feed.head(scope)
    return { seq, entryIds: [], flowIds: [], domains: [], reset: isLate }
  }

  #emit(scope: string, heard: Heard, { seq, ...changes }: Changes): void {
    heard.since = seq
    const { entryIds, flowIds, domains, reset } = changes
    if (reset || entryIds.length + flowIds.length + domains.length > 0)
      this.#core.events.emit('other_process_changed', { scope, ...changes })
  }

  /** Calls the store. Logs the first failure until all calls succeed again. */
  async #contained<Result>(
    name: string | null,
    call: () => Promise<Result>,
    otherwise: Result,
  ): Promise<Result> {
    try {
      const result = await call()
      this.#failing.delete(name)
      return result
    } catch (error) {
      const fields = { error: loggedError(error) }
      if (this.#failing.size === 0 && !this.#isStopped)
        this.#core.log.warn(fields, 'The changes of other processes could not be read.')
      this.#failing.add(name)
      this.#pollLater()
      return otherwise
    }
  }
}
