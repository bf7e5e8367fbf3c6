import { RevisionConflictError, UnknownFlowError } from '../errors.ts'
import type { Due } from '../ports/store.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import { loggedError } from './lib/redact.ts'

const EVERY = 10_000

const AT_ONCE = 500

/** How often old history is let go, in milliseconds. */
const PURGE = 3_600_000

/** Does what has fallen due: expires flows, wipes drafts, purges tombstones and budgets. Every process may sweep. */
export class Sweep {
  readonly #core: Core
  readonly #flows: Flows
  #timer: unknown = null
  #stopped = true
  #purgeAt = 0
  /** Of the credentials that end by then, listeners have been told. */
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
    this.#again()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#core.clock.clearTimeout(this.#timer)
    await this.#round
  }

  async #sweep(): Promise<void> {
    try {
      const due = await this.#core.store.due(this.#core.clock.now(), AT_ONCE)
      for (const item of due) await this.#settle(item)
      await this.#noticeExpiring()
      await this.#purge()
    } catch (error) {
      this.#core.log.error('What has fallen due could not be done.', { error: loggedError(error) })
    }
  }

  /** Tells this process's listeners of credentials that end soon; the list of each scope has them from then on. */
  async #noticeExpiring(): Promise<void> {
    const { store, clock, limits, events } = this.#core
    const until = clock.now() + limits.expiryNotice
    for (const entry of await store.findExpiring(null, this.#noticedUntil, until)) {
      events.emit('attention_changed', entry)
    }
    this.#noticedUntil = until
  }

  async #purge(): Promise<void> {
    const { store, clock, limits } = this.#core
    if (limits.history === Number.POSITIVE_INFINITY || clock.now() < this.#purgeAt) return
    this.#purgeAt = clock.now() + PURGE
    await store.purgeAudit(clock.now() - limits.history)
  }

  async #settle({ scope, kind, id }: Due): Promise<void> {
    try {
      if (kind === 'flow') return await this.#flows.settleDue(scope, id)
      const attempts = await this.#core.store.getAttempts(scope, id)
      if (attempts === undefined || attempts.dueAt > this.#core.clock.now()) return
      await this.#core.store.apply(scope, [{ remove: 'attempts', id, ifRevision: attempts.revision }])
    } catch (error) {
      // Another process was quicker.
      if (error instanceof RevisionConflictError || error instanceof UnknownFlowError) return
      this.#core.log.warn('One thing that has fallen due could not be done.', {
        scope,
        error: loggedError(error),
      })
    }
  }

  #again(): void {
    this.#timer = this.#core.clock.setTimeout(() => {
      this.#round = this.#sweep().then(() => {
        if (!this.#stopped) this.#again()
      })
    }, EVERY)
  }
}
