import type { ClientState, EntryQuery, LatchkeyClient } from '../client/index.ts'

/** The ids that a search has found so far. */
export interface FoundIds {
  readonly ids: readonly string[]
  readonly loading: boolean
  readonly error: unknown
  readonly more: (() => void) | null
}

const PAGE_SIZE = 100
/** Ids that are read again after a change of the scope. */
const MAX_REFRESHED = 1_000
/** Time without a change of the search until it is sent, in milliseconds. */
const TYPING = 200
/** Time until a failed request is repeated in milliseconds. */
const RETRY = 2_000

/** Asks the server for the entries that match a filter, while it has listeners. */
export class SearchedIds {
  readonly #client: LatchkeyClient
  readonly #query: EntryQuery
  readonly #listeners = new Set<() => void>()
  #found: FoundIds
  /** The position of the next page; null after the last one. */
  #next: string | null | undefined
  #counts: ClientState['counts'] = null
  #stop = new AbortController()
  #leave = (): void => {}

  /** `before`: the ids that are shown until the first page arrives. */
  constructor(client: LatchkeyClient, query: EntryQuery, before: readonly string[]) {
    this.#client = client
    this.#query = query
    this.#found = { ids: before, loading: true, error: null, more: null }
  }

  readonly get = (): FoundIds => this.#found

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#stop.abort()
      this.#leave()
    }
  }

  #start(): void {
    this.#counts = this.#client.getState().counts
    // New counts come with a snapshot, or after changes.
    this.#leave = this.#client.subscribe(({ counts }) => {
      if (counts === this.#counts) return
      this.#counts = counts
      void this.#load(Math.min(Math.max(this.#found.ids.length, PAGE_SIZE), MAX_REFRESHED), 0)
    })
    void this.#load(PAGE_SIZE, this.#query.q ? TYPING : 0)
  }

  /** Reads a number of ids from the first page on. */
  async #load(count: number, delay: number): Promise<void> {
    this.#stop.abort()
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.#next = undefined
    await wait(delay, signal)
    await this.#read([], count, signal)
  }

  /** Reads pages after the ids until there are enough. Empty pages are skipped. */
  async #read(before: readonly string[], count: number, signal: AbortSignal): Promise<void> {
    const ids = [...before]
    const known = new Set(ids)
    this.#set({ loading: true, more: null })
    while (!signal.aborted && this.#next !== null && ids.length < count) {
      try {
        const limit = Math.min(count - ids.length, 1_000)
        const position = this.#next === undefined ? {} : { after: this.#next }
        const page = await this.#client.entries.list({ ...this.#query, ...position, limit })
        if (signal.aborted) return
        this.#next = page.next
        for (const { entryId } of page.items) if (!known.has(entryId)) ids.push(entryId)
        for (const { entryId } of page.items) known.add(entryId)
        this.#set({ ids: [...ids], error: null })
      } catch (error) {
        if (signal.aborted) return
        this.#set({ error })
        await wait(RETRY, signal)
      }
    }
    if (signal.aborted) return
    const more = () => void this.#read(this.#found.ids, this.#found.ids.length + PAGE_SIZE, signal)
    this.#set({ loading: false, more: this.#next === null ? null : more })
  }

  #set(change: Partial<FoundIds>): void {
    this.#found = { ...this.#found, ...change }
    for (const listener of [...this.#listeners]) listener()
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
