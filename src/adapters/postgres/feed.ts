import type { Changes, Feed } from '../../ports/feed.ts'
import { type ChangedIds, combinedIds } from '../changed-ids.ts'
import { isStorable } from '../check-write.ts'
import type { Observers } from '../observers.ts'
import type { Companion } from './connections.ts'
import { listenTo } from './listener.ts'
import { ReadBatches } from './read-batches.ts'
import type { scopedReads } from './reads.ts'
import type { Session } from './session.ts'
import type { systemReads } from './system-reads.ts'

type Wake = (scopes: readonly string[] | null) => void

/** Shortest time between two notifications, in milliseconds. */
const NOTIFY_INTERVAL = 25
/** Time that a change waits for a commit to send its notification with, in milliseconds. */
const NOTIFY_DELAY = 50
/** Interval at which listeners look for lost notifications, in milliseconds. */
const POLL_INTERVAL = 2_000
/** The longest payload of a notification, in bytes. PostgreSQL refuses 8,000. */
const MAX_PAYLOAD = 7_900

interface FeedOptions {
  readonly schema: string
  readonly scoped: ReturnType<typeof scopedReads>
  readonly all: ReturnType<typeof systemReads>
  /** Connection string for LISTEN. */
  readonly url: string
  readonly timeout: number
  readonly observers: Observers
}

/** The result of the function `changes_of`. */
interface ChangesRow {
  readonly place: number
  readonly seq: number
  readonly count: number
  /** JSON texts; null without one. */
  readonly ids: readonly string[] | null
  readonly at: number | null
}

/** The parameters of `read`. */
interface Reader {
  readonly scope: string
  readonly since: number
}

/**
 * The feed of a database. After its commits, a store notifies the others outside of any transaction: a notification
 * inside would serialize all commits. It is sent together with a commit, so that it takes no round trip. Notifications may
 * be lost, so listeners also look at intervals.
 */
export class PostgresFeed implements Feed {
  /** Identifies the changes of this store. */
  readonly origin = crypto.randomUUID()
  readonly #session: () => Session
  readonly #options: FeedOptions
  readonly #wakes = new Set<{ readonly wake: Wake }>()
  readonly #changed = new Set<string>()
  /** Whether a notification is on its way. All sessions of a server wait for one lock, so there is one at a time. */
  #isNotifying = false
  #timer: NodeJS.Timeout | undefined
  #notifiedAt = Number.NEGATIVE_INFINITY
  readonly #reads = new ReadBatches<Reader, Changes>((readers) => this.#readAll(readers))
  #listening: AbortController | undefined
  #polling: NodeJS.Timeout | undefined

  /** `session` throws a StoreError if the database is not open. */
  constructor(session: () => Session, options: FeedOptions) {
    this.#session = session
    this.#options = options
  }

  async head(scope: string): Promise<number> {
    const [row] = await this.#session().app.run(this.#options.scoped.head(scope))
    return row?.seq ?? 0
  }

  read(scope: string, since: number): Promise<Changes> {
    return this.#reads.read({ scope, since })
  }

  async #readAll(readers: readonly Reader[]): Promise<readonly Changes[]> {
    const storable = readers.filter(({ scope }) => isStorable(scope))
    const text = `select * from ${this.#options.schema}.changes_of($1, $2, $3)`
    const scopes = storable.map(({ scope }) => scope)
    const since = storable.map((reader) => reader.since)
    const rows = await this.#session().app.query<ChangesRow>(text, [scopes, since, this.origin])
    const found = new Map(rows.map((row) => [storable[row.place - 1], row]))
    return readers.map((reader) => this.#changesOf(reader, found.get(reader)))
  }

  #changesOf({ since }: Reader, row: ChangesRow | undefined): Changes {
    const { seq, count, ids, at } = row ?? { seq: 0, count: 0, ids: null, at: null }
    this.#options.observers.lag(at)
    const changes = combinedIds((ids ?? []).map((text) => JSON.parse(text) as ChangedIds))
    return { ...changes, seq, reset: count !== seq - since }
  }

  async moved(since: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const { app } = this.#session()
    const text = `select scope from ${this.#options.schema}.moved($1, $2) as moved (scope)`
    const known = [...since].filter(([scope]) => isStorable(scope))
    const rows = await app.read<{ scope: string }>(text, [
      known.map(([scope]) => scope),
      known.map(([, seq]) => seq),
    ])
    return rows.map(({ scope }) => scope)
  }

  listen(wake: Wake): () => void {
    const listener = { wake }
    this.#wakes.add(listener)
    if (this.#listening === undefined) this.#start()
    return () => {
      this.#wakes.delete(listener)
      if (this.#wakes.size === 0) this.#stop()
    }
  }

  async purge(before: number): Promise<void> {
    const { system } = this.#session()
    await system.run(this.#options.all.purgeChanges(before))
    await system.run(this.#options.all.purgeWriters())
  }

  /** Notifies the other stores of scopes soon. Called after a commit. */
  notify(scopes: Iterable<string>, session: Pick<Session, 'app'>): void {
    for (const scope of scopes) this.#changed.add(scope)
    if (this.#changed.size === 0 || this.#isNotifying) return
    this.#timer ??= setTimeout(() => void this.flush(session), NOTIFY_DELAY)
    this.#timer.unref()
  }

  /**
   * Returns the notification to send together with a commit that changes scopes, also of the scopes that wait. Null if the
   * last one is on its way or was sent just before, or nothing has changed. If it is lost, `notify` sends it again.
   */
  notification(scopes: Iterable<string>, session: Pick<Session, 'app'>): Companion | null {
    if (this.#isNotifying || performance.now() - this.#notifiedAt < NOTIFY_INTERVAL) return null
    for (const scope of scopes) this.#changed.add(scope)
    const notification = this.#take()
    if (notification === null) return null
    const ended = (isExecuted: boolean): void => {
      notification.ended(isExecuted)
      this.notify([], session)
    }
    return { ...notification, ended }
  }

  /** Sends the notification that waits. If it fails, the next commit sends it. Until then, the polls of the others find it. */
  async flush(session: Pick<Session, 'app'>): Promise<void> {
    const notification = this.#take()
    if (notification === null) return
    const isExecuted = await session.app.query(...notification.statement).then(
      () => true,
      () => false,
    )
    notification.ended(isExecuted)
    if (isExecuted) this.notify([], session)
  }

  #take(): Companion | null {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#changed.size === 0) return null
    this.#notifiedAt = performance.now()
    this.#isNotifying = true
    const taken = [...this.#changed]
    this.#changed.clear()
    const all = JSON.stringify([this.origin, taken])
    const payload = Buffer.byteLength(all) <= MAX_PAYLOAD ? all : JSON.stringify([this.origin, null])
    const ended = (isExecuted: boolean): void => {
      this.#isNotifying = false
      if (!isExecuted) for (const scope of taken) this.#changed.add(scope)
    }
    return { statement: ['select pg_notify($1, $2)', [this.#options.schema, payload]], ended }
  }

  #start(): void {
    this.#listening = new AbortController()
    const { schema: channel, url, timeout } = this.#options
    const received = (payload: string | null): void => {
      const [origin, scopes] = payload === null ? [null, null] : JSON.parse(payload)
      if (origin === this.origin) return
      for (const { wake } of this.#wakes) wake(scopes)
    }
    this.#polling = setInterval(received, POLL_INTERVAL, null)
    this.#polling.unref()
    void listenTo({ url, channel, timeout, received }, this.#listening.signal)
  }

  #stop(): void {
    clearInterval(this.#polling)
    this.#listening?.abort()
    this.#listening = undefined
  }
}
