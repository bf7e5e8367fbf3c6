import type { Changes, Feed } from '../../ports/feed.ts'
import type { Write } from '../../ports/store.ts'
import { type ChangedIds, changedIds, combinedIds, isChange, timeOf } from '../changed-ids.ts'

/** A change, and the store that made it. */
interface Logged {
  readonly seq: number
  readonly by: MemoryFeed
  readonly at: number
  readonly ids: ChangedIds
}

/** The changes of one scope. */
interface Log {
  /** The number of the last change. */
  seq: number
  /** The number of the last change that only the first store could know. */
  own: number
  changes: Logged[]
}

type Wake = (scopes: readonly string[] | null) => void

/** The changes of all scopes, common to the stores that share their rows. */
export class MemoryLogs {
  readonly scopes = new Map<string, Log>()
  readonly feeds = new Set<MemoryFeed>()
  /** The number of transactions by all stores. */
  commits = 0
}

/** The feed of one of the memory stores that share their rows. */
export class MemoryFeed implements Feed {
  readonly #logs: MemoryLogs
  readonly #isFirst: boolean
  readonly #wakes = new Set<Wake>()

  constructor(logs: MemoryLogs) {
    this.#logs = logs
    this.#isFirst = logs.feeds.size === 0
    logs.feeds.add(this)
  }

  /** Records a transaction of this store. The ids of a change are stored only if another store can read them. */
  record(scope: string, writes: readonly Write[]): void {
    const { scopes, feeds } = this.#logs
    this.#logs.commits++
    if (!writes.some(isChange)) return
    const log = scopes.get(scope) ?? { seq: 0, own: 0, changes: [] }
    scopes.set(scope, log)
    log.seq++
    if (feeds.size === 1) {
      log.own = log.seq
      return
    }
    log.changes.push({ seq: log.seq, by: this, at: timeOf(writes), ids: changedIds(writes) })
    for (const feed of feeds) if (feed !== this) feed.#wake(scope)
  }

  async head(scope: string): Promise<number> {
    return this.#logs.scopes.get(scope)?.seq ?? 0
  }

  async read(scope: string, since: number): Promise<Changes> {
    const { seq, own, changes } = this.#logs.scopes.get(scope) ?? { seq: 0, own: 0, changes: [] }
    const from = this.#isFirst ? Math.max(since, own) : since
    const found = changes.filter((change) => change.seq > from)
    const ids = combinedIds(found.filter(({ by }) => by !== this).map((change) => change.ids))
    return { ...ids, seq, reset: found.length !== seq - from }
  }

  async moved(since: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const { scopes } = this.#logs
    return [...since].filter(([scope, seq]) => (scopes.get(scope)?.seq ?? 0) !== seq).map(([scope]) => scope)
  }

  listen(wake: Wake): () => void {
    this.#wakes.add(wake)
    return () => this.#wakes.delete(wake)
  }

  stamp(): number {
    return this.#logs.commits
  }

  async purge(before: number): Promise<void> {
    for (const log of this.#logs.scopes.values()) {
      const last = log.changes.at(-1)
      log.changes = log.changes.filter((change) => change.at >= before || change === last)
    }
  }

  #wake(scope: string): void {
    for (const wake of this.#wakes) wake([scope])
  }
}
