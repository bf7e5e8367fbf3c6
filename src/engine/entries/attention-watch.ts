import type { AttentionItem } from '../api/entries.ts'
import type { LatchkeyEvents, LatchkeyEventType } from '../api/events.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'
import { unref } from '../lib/long-clock.ts'
import { loggedError } from '../lib/redact.ts'
import type { Attention } from './attention.ts'

/** Whether events of a type cost reads of the attention list. */
export const isOfWatch = (type: LatchkeyEventType): boolean =>
  type === 'attention_added' || type === 'attention_removed'

/** The delay of a retry in milliseconds. */
const RETRY_AFTER = 2_000

/** The number of scopes without a separate listener whose items are in memory. */
const MAX_SCOPES = 1_000

/** A change that may concern an item. */
interface Change {
  readonly read: () => Promise<AttentionItem | null>
  /** Whether it was noticed while `start()` set up the entries. */
  readonly isStart: boolean
}

/** The current item of a key. */
interface Found {
  readonly key: string
  readonly item: AttentionItem | null
  /** Whether each start finds it, because only this process knows it. */
  readonly isFoundByStart?: boolean
}

/** A scope whose items are announced. */
interface Watched {
  /** The number of `hear` calls that have not ended. */
  hearers: number
  /** Items since this time are new. */
  readonly from: number
  /** The items of the last look by key; null before the first one. */
  known: Map<string, AttentionItem> | null
  /** Whether each item may have changed. */
  isOutdated: boolean
  readonly changes: Map<string, Change>
  isReading: boolean
  /** Whether the last look has failed. */
  isFailing: boolean
  /** The last look. */
  reading: Promise<void>
  /** Ends the listening for changes of other processes. */
  unhear: () => void
}

/**
 * Announces the items that are added to the attention list and removed from it, once per process. It reads the list of a
 * scope once, and then only the items that may have changed. A scope without listeners costs nothing. Of the scopes that
 * only a listener for all scopes has, it keeps the items of those that were used last.
 */
export class AttentionWatch {
  readonly #core: Core
  readonly #attention: Attention
  /** The scopes that have a listener. */
  readonly #heard = new Map<string, Watched>()
  /** The other scopes that `hearAll` announces, the most recently used one last. */
  readonly #others = new Map<string, Watched>()
  /** The time of each `hearAll` call that has not ended. */
  readonly #hearAll = new Set<{ readonly at: number }>()
  #isStarting = false
  /** The timer that repeats failed reads. */
  #retry: unknown = null

  constructor(core: Core, attention: Attention) {
    this.#core = core
    this.#attention = attention
    const { events } = core
    events.on('attention_changed', ({ scope, entryId, domain }) =>
      entryId === null ? this.#clientChanged(scope, domain) : this.#entryChanged(scope, entryId),
    )
    events.on('entry_removed', ({ scope, entryId, domain }) => {
      this.#entryChanged(scope, entryId)
      // After its last entry, an integration has no item.
      if (this.#watched(scope)?.known?.has(clientKey(domain)) === true) this.#clientChanged(scope, domain)
    })
    events.on('webhook_changed', ({ scope, webhookId }) => this.#webhookChanged(scope, webhookId))
    events.on('other_process_changed', (changes) => this.#otherProcessChanged(changes))
  }

  /** Announces the items of a scope that change after this call. @returns a function that ends it */
  hear(scope: string): () => void {
    const watched = this.#get(scope) ?? watchedFrom(this.#core.clock.now())
    this.#others.delete(scope)
    this.#heard.set(scope, watched)
    if (watched.hearers++ === 0) watched.unhear = this.#core.changes.hear(scope)
    this.#lookLater(scope, watched)
    return once(() => {
      if (--watched.hearers > 0) return
      watched.unhear()
      this.#heard.delete(scope)
      if (this.#hearAll.size > 0) this.#addOther(scope, watched)
    })
  }

  /** Announces the items of all scopes that this process uses. @returns a function that ends it */
  hearAll(): () => void {
    const hearer = { at: this.#core.clock.now() }
    this.#hearAll.add(hearer)
    return once(() => {
      this.#hearAll.delete(hearer)
      if (this.#hearAll.size === 0) this.#others.clear()
    })
  }

  /** Reads the items of a scope before a call changes them, if all scopes are announced. */
  touch(scope: string): void {
    const watched = this.#watched(scope)
    if (watched !== undefined) this.#lookLater(scope, watched)
  }

  /** Runs the setup of all entries. An item that only this process knows is not new then: each start finds it. */
  async starting(setUp: () => Promise<void>): Promise<void> {
    this.#isStarting = true
    try {
      await setUp()
    } finally {
      this.#isStarting = false
    }
  }

  /** Resolves when the items of a scope were read, so that its set-up does not add them. */
  async ready(scope: string): Promise<void> {
    const watched = this.#watched(scope)
    if (watched === undefined) return
    this.#lookLater(scope, watched)
    await watched.reading
  }

  #get(scope: string): Watched | undefined {
    return this.#heard.get(scope) ?? this.#others.get(scope)
  }

  /** Returns a scope whose items are announced. */
  #watched(scope: string): Watched | undefined {
    const [first] = this.#hearAll
    const heard = this.#heard.get(scope)
    if (heard !== undefined || first === undefined) return heard
    const watched = this.#others.get(scope) ?? watchedFrom(first.at)
    this.#addOther(scope, watched)
    return watched
  }

  /**
   * Adds a scope as the most recently used one. If there are too many, it drops others whose changes are announced: their
   * items are read again at the next use.
   */
  #addOther(scope: string, watched: Watched): void {
    this.#others.delete(scope)
    this.#others.set(scope, watched)
    for (const [name, other] of this.#others) {
      if (this.#others.size <= MAX_SCOPES) return
      const isIdle = !other.isReading && !other.isOutdated && other.changes.size === 0
      if (isIdle) this.#others.delete(name)
    }
  }

  #entryChanged(scope: string, entryId: string): void {
    this.#changed(scope, entryKey(entryId), () => this.#attention.get(scope, entryId))
  }

  #clientChanged(scope: string, domain: string): void {
    this.#changed(scope, clientKey(domain), () => this.#attention.ofClient(scope, domain))
  }

  #webhookChanged(scope: string, webhookId: string): void {
    this.#changed(scope, webhookKey(webhookId), () => this.#attention.ofWebhook(scope, webhookId))
  }

  #otherProcessChanged({ scope, entryIds, domains, reset }: LatchkeyEvents['other_process_changed']): void {
    const watched = this.#watched(scope)
    if (watched === undefined) return
    if (reset) watched.isOutdated = true
    for (const entryId of entryIds) this.#entryChanged(scope, entryId)
    for (const name of domains) {
      // The name of an integration, or the id of a webhook.
      this.#clientChanged(scope, name)
      this.#webhookChanged(scope, name)
    }
    this.#lookLater(scope, watched)
  }

  #changed(scope: string, key: string, read: Change['read']): void {
    const watched = this.#watched(scope)
    if (watched === undefined) return
    const isStart = this.#isStarting && watched.changes.get(key)?.isStart !== false
    watched.changes.set(key, { read, isStart })
    this.#lookLater(scope, watched)
  }

  #lookLater(scope: string, watched: Watched): void {
    if (watched.isReading || isCurrent(watched) || this.#core.lifetime.ended) return
    watched.isReading = true
    watched.reading = this.#look(scope, watched)
    this.#core.background.add(watched.reading)
  }

  /** Looks at what may have changed. If the store fails, the next change or the next retry repeats it. */
  async #look(scope: string, watched: Watched): Promise<void> {
    const isHeard = (): boolean => this.#get(scope) === watched && !this.#core.lifetime.ended
    try {
      watched.known ??= await this.#first(scope, watched)
      const { known, changes } = watched
      while (watched.isOutdated || changes.size > 0) {
        if (watched.isOutdated) await this.#lookAtAll(scope, watched, known)
        for (const [key, change] of changes) {
          const item = await change.read()
          if (!isHeard()) return
          // A change during the read is read again.
          if (changes.get(key) === change) changes.delete(key)
          if (item === null) this.#removedOther(scope, known, key)
          this.#compare(known, { key, item, isFoundByStart: change.isStart && item?.since === null })
        }
      }
      watched.isFailing = false
    } catch (error) {
      if (!isHeard()) return
      if (!watched.isFailing)
        this.#core.log.warn({ scope, error: loggedError(error) }, 'The attention list could not be read.')
      watched.isFailing = true
      this.#retryLater()
    } finally {
      watched.isReading = false
    }
  }

  /** Looks again at the items that name an entry, which may have been removed. */
  #removedOther(scope: string, known: ReadonlyMap<string, AttentionItem>, key: string): void {
    for (const { entryId, other } of known.values())
      if (other !== undefined && entryKey(other.entryId) === key) this.#entryChanged(scope, String(entryId))
  }

  /** Repeats the failed reads of scopes that still have a listener. */
  #retryLater(): void {
    if (this.#retry !== null) return
    this.#retry = this.#core.clock.setTimeout(() => {
      this.#retry = null
      for (const [scope, watched] of [...this.#heard, ...this.#others])
        if (watched.isFailing) this.#lookLater(scope, watched)
    }, RETRY_AFTER)
    unref(this.#retry)
  }

  async #lookAtAll(scope: string, watched: Watched, known: Map<string, AttentionItem>): Promise<void> {
    // A change during the read is read again.
    watched.isOutdated = false
    const items = await this.#list(scope).catch((error: unknown) => {
      watched.isOutdated = true
      throw error
    })
    for (const key of new Set([...known.keys(), ...items.keys()]))
      this.#compare(known, { key, item: items.get(key) ?? null })
  }

  /** Returns the items of a scope that are not new. */
  async #first(scope: string, { changes, from }: Watched): Promise<Map<string, AttentionItem>> {
    await this.#core.changes.ready(scope)
    const items = await this.#list(scope)
    for (const key of changes.keys()) {
      const since = items.get(key)?.since
      if (since == null || since >= from) items.delete(key)
    }
    return items
  }

  async #list(scope: string): Promise<Map<string, AttentionItem>> {
    const items = await this.#attention.list(scope)
    return new Map(items.map((item) => [keyOf(item), item]))
  }

  /** Announces an item that has changed. An item is another one if it has another reason, or began at another time. */
  #compare(known: Map<string, AttentionItem>, { key, item, isFoundByStart = false }: Found): void {
    const before = known.get(key) ?? null
    if (item === null) known.delete(key)
    else known.set(key, item)
    if (isFoundByStart || (before?.reason === item?.reason && before?.since === item?.since)) return
    const { events } = this.#core
    if (before !== null) events.emit('attention_removed', { scope: before.scope, item: before })
    if (item !== null) events.emit('attention_added', { scope: item.scope, item })
  }
}

/** Returns a scope whose items since a time are new. */
const watchedFrom = (from: number): Watched => ({
  hearers: 0,
  from,
  known: null,
  isOutdated: false,
  changes: new Map(),
  isReading: false,
  isFailing: false,
  reading: Promise.resolve(),
  unhear: ignore,
})

/** Whether the items of a scope were read since they may have changed. */
const isCurrent = ({ known, isOutdated, changes }: Watched): boolean =>
  known !== null && !isOutdated && changes.size === 0

const entryKey = (entryId: string): string => `entry ${entryId}`
const clientKey = (domain: string): string => `client ${domain}`
const webhookKey = (webhookId: string): string => `webhook ${webhookId}`

function keyOf({ entryId, domain, webhookId }: AttentionItem): string {
  if (entryId !== null) return entryKey(entryId)
  return webhookId === undefined ? clientKey(String(domain)) : webhookKey(webhookId)
}

/** Returns a function that runs another one at its first call. */
function once(run: () => void): () => void {
  let hasRun = false
  return () => {
    if (!hasRun) run()
    hasRun = true
  }
}
