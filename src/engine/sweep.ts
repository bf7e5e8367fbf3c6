import { RevisionConflictError, UnknownFlowError } from '../errors.ts'
import type { Due } from '../ports/store.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import { loggedError } from './lib/redact.ts'
import { isAhead } from './lib/stored-time.ts'

const INTERVAL = 10_000

const MAX_ROWS = 500

/** The interval between two purges of the history, in milliseconds. */
const PURGE_INTERVAL = 3_600_000

/**
 * Processes due rows at an interval: expires flows, deletes drafts, purges tombstones and failed attempts. All
 * processes can sweep the same store.
 */
export class Sweep {
  readonly #core: Core
  readonly #flows: Flows
  #timer: unknown = null
  #stopped = true
  #purgeAt = 0
  /** Listeners have been notified of credentials that expire before this time. */
  #noticedUntil = 0
  #round: Promise<void> = Promise.resolve()

  constructor(core: Core, flows: Flows) {
    this.#core = core
    this.#flows = flows
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#noticedUntil = this.#core.clock.now() + this.#core.limits.expiryNotice
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#core.clock.clearTimeout(this.#timer)
    await this.#round
  }

  async #sweep(): Promise<void> {
    try {
      const due = await this.#core.store.due(this.#core.clock.now(), MAX_ROWS)
      for (const item of due) await this.#settle(item)
      await this.#noticeExpiring()
      await this.#purge()
    } catch (error) {
      this.#core.log.error('The sweep could not finish.', { error: loggedError(error) })
    }
  }

  /** Notifies listeners of credentials that expire soon. The attention list includes them from now on. */
  async #noticeExpiring(): Promise<void> {
    const { store, clock, limits, events } = this.#core
    const until = clock.now() + limits.expiryNotice
    // After the clock was set back, notices start again.
    const from = Math.min(this.#noticedUntil, until)
    for (const entry of await store.findExpiring(null, from, until)) {
      events.emit('attention_changed', entry)
    }
    this.#noticedUntil = until
  }

  async #purge(): Promise<void> {
    const { store, clock, limits } = this.#core
    if (limits.history === Number.POSITIVE_INFINITY) return
    if (isAhead(this.#purgeAt, clock.now(), PURGE_INTERVAL)) return
    this.#purgeAt = clock.now() + PURGE_INTERVAL
    await store.purgeAudit(clock.now() - limits.history)
  }

  async #settle({ scope, kind, id }: Due): Promise<void> {
    try {
      if (kind === 'flow') return await this.#flows.settleDue(scope, id)
      const attempts = await this.#core.store.getAttempts(scope, id)
      if (attempts === undefined || attempts.dueAt > this.#core.clock.now()) return
      await this.#core.store.apply(scope, [{ remove: 'attempts', id, ifRevision: attempts.revision }])
    } catch (error) {
      // Another process has processed the row.
      if (error instanceof RevisionConflictError || error instanceof UnknownFlowError) return
      this.#core.log.warn('A due row could not be processed.', {
        scope,
        error: loggedError(error),
      })
    }
  }

  #schedule(): void {
    this.#timer = this.#core.clock.setTimeout(() => {
      this.#round = this.#sweep().then(() => {
        if (!this.#stopped) this.#schedule()
      })
    }, INTERVAL)
  }
}
