import type { Core } from '../kernel/core.ts'
import { unref } from '../lib/long-clock.ts'

/** The shortest time between two events of a scope in milliseconds. */
const EVERY = 5_000

/** An entry of this process. */
interface AnsweredEntry {
  readonly scope: string
  readonly entryId: string
  /** Whether its view was read. */
  readonly wasRead: boolean
  readonly health: { readonly answeredAt: number | null }
}

/** The listeners of a scope, and when the services of its entries have answered since the last event. */
interface HeardScope {
  listeners: number
  readonly answered: Map<string, number>
  timer: unknown
}

/**
 * Announces that services have answered: one event per scope and interval, with the entries that were read before. A
 * scope without listeners costs nothing. Also remembers the last answer to an entry that this process has released.
 */
export class AnsweredEntries {
  readonly #core: Core
  readonly #scopes = new Map<string, HeardScope>()
  /** The last answers to released entries, the oldest release first. */
  readonly #released = new Map<string, number>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Adds a listener of a scope. @returns a function that removes it */
  hear(scope: string): () => void {
    const heard = this.#scopes.get(scope) ?? { listeners: 0, answered: new Map(), timer: null }
    this.#scopes.set(scope, heard)
    heard.listeners++
    let isHeard = true
    return () => {
      if (!isHeard) return
      isHeard = false
      heard.listeners--
      if (heard.listeners > 0) return
      this.#core.clock.clearTimeout(heard.timer)
      this.#scopes.delete(scope)
    }
  }

  /** Records that the service of an entry has answered. */
  answered({ scope, entryId, wasRead }: AnsweredEntry, at: number): void {
    const heard = this.#scopes.get(scope)
    if (heard === undefined || !wasRead) return
    heard.answered.set(entryId, at)
    if (heard.timer !== null) return
    heard.timer = this.#core.clock.setTimeout(() => this.#announce(scope, heard), EVERY)
    unref(heard.timer)
  }

  /** Remembers the last answer to an entry that is released. */
  release({ scope, entryId, health: { answeredAt } }: AnsweredEntry): void {
    if (answeredAt === null) return
    const key = keyOf(scope, entryId)
    this.#released.delete(key)
    this.#released.set(key, answeredAt)
    if (this.#released.size <= this.#core.limits.maxLoaded) return
    for (const oldest of this.#released.keys()) {
      this.#released.delete(oldest)
      return
    }
  }

  /** Returns the last answer to an entry that is not loaded; null if unknown. */
  releasedAt(scope: string, entryId: string): number | null {
    return this.#released.get(keyOf(scope, entryId)) ?? null
  }

  forget(scope: string, entryId: string): void {
    this.#released.delete(keyOf(scope, entryId))
  }

  #announce(scope: string, heard: HeardScope): void {
    heard.timer = null
    const entries = [...heard.answered].map(([entryId, checkedAt]) => ({ entryId, checkedAt }))
    heard.answered.clear()
    this.#core.events.emit('entries_checked', { scope, entries })
  }
}

const keyOf = (scope: string, entryId: string): string => `${scope}\n${entryId}`
