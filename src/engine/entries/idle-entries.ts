import type { Core } from '../kernel/core.ts'
import { unref } from '../lib/long-clock.ts'
import type { EntryRun } from './entry-run.ts'

/** The entries that connect only for calls, and have none in progress. Unloads those that are idle for too long. */
export class IdleEntries {
  readonly #core: Core
  /** Unloads an entry and forgets it. */
  readonly #release: (run: EntryRun) => Promise<void>
  /** The times of the last uses, the oldest first. */
  readonly #since = new Map<EntryRun, number>()
  /** The number of entries with a call in progress. */
  #busy = 0
  #timer: unknown = null

  constructor(core: Core, release: (run: EntryRun) => Promise<void>) {
    this.#core = core
    this.#release = release
  }

  /** The number of entries that this process keeps. */
  get size(): number {
    return this.#since.size + this.#busy
  }

  /** Adds an entry that no call uses yet. */
  add(run: EntryRun): void {
    if (!run.lazy) return
    this.#since.set(run, this.#core.clock.now())
    if (this.size > this.#core.limits.maxLoaded) this.#releaseOldest()
    this.#wait()
  }

  /** Adds an entry that cannot be unloaded now. It must not be released at once again, even if too many are loaded. */
  retryLater(run: EntryRun): void {
    this.#since.set(run, this.#core.clock.now())
    this.#wait()
  }

  /** Keeps an entry until {@link end} was called as often. */
  begin(run: EntryRun): void {
    if (++run.uses > 1) return
    this.#since.delete(run)
    this.#busy++
  }

  /** Ends a use. An entry without another one is idle from now on. */
  end(run: EntryRun): void {
    if (--run.uses > 0) return
    this.#busy--
    if (run.lazy && run.isBrief) void this.#release(run)
    else this.add(run)
  }

  /** Unloads an entry that another process connects, once its calls have ended. */
  leave(run: EntryRun): void {
    if (run.uses === 0) void this.#release(run)
  }

  /** Forgets an entry that is dropped, or that stays connected. */
  forget(run: EntryRun): void {
    this.#since.delete(run)
  }

  stop(): void {
    this.#core.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #releaseOldest(): void {
    for (const oldest of this.#since.keys()) {
      this.#since.delete(oldest)
      void this.#release(oldest)
      return
    }
  }

  #releaseIdle(): void {
    const { clock, limits } = this.#core
    const until = clock.now() - limits.idleAfter
    for (const [run, since] of this.#since) {
      // The clock may have been set back.
      if (since > until && since <= clock.now()) break
      this.#since.delete(run)
      void this.#release(run)
    }
    this.#wait()
  }

  /** One timer for all entries: until the oldest use is too long ago. */
  #wait(): void {
    const { clock, limits, lifetime } = this.#core
    const [oldest] = this.#since.values()
    if (this.#timer !== null || oldest === undefined || lifetime.ended) return
    if (limits.idleAfter === Number.POSITIVE_INFINITY) return
    const rest = Math.max(0, oldest + limits.idleAfter - clock.now())
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = null
        this.#releaseIdle()
      },
      Math.min(rest, limits.idleAfter),
    )
    unref(this.#timer)
  }
}
