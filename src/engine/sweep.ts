import { RevisionConflictError, UnknownFlowError } from '../errors.ts'
import type { Due } from '../ports/store.ts'
import { MAX_RETRY_AFTER } from './connections/service-calls.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import { loggedError } from './lib/redact.ts'
import { isAhead, latestBelievable } from './lib/stored-time.ts'

const INTERVAL = 10_000

const MAX_ROWS = 500

/** The interval between two purges of the history, in milliseconds. */
const PURGE_INTERVAL = 3_600_000

const keyOf = ({ scope, kind, id }: Due): string => `${scope}\n${kind}\n${id}`

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
  /** The rows whose failure has been logged. */
  readonly #reported = new Set<string>()
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
      await this.#settleAll()
      await this.#noticeExpiring()
      await this.#purge()
    } catch (error) {
      this.#core.log.error({ error: loggedError(error) }, 'The sweep could not finish.')
    }
  }

  /** The longest time that a row can be due in, in milliseconds. */
  get #most(): number {
    const { flowIdle, discoveryIdle, tombstone, attemptsWindow } = this.#core.limits
    return Math.max(flowIdle, discoveryIdle, tombstone, attemptsWindow, MAX_RETRY_AFTER)
  }

  /** Processes all due rows. One that cannot be processed does not stop those behind it. */
  async #settleAll(): Promise<void> {
    const { store, clock } = this.#core
    const seen = new Set<string>()
    for (let due: readonly Due[] = []; ; ) {
      due = await store.due(clock.now(), seen.size + MAX_ROWS, latestBelievable(clock.now(), this.#most))
      const unseen = due.filter((item) => !seen.has(keyOf(item)))
      for (const item of unseen) {
        seen.add(keyOf(item))
        await this.#settle(item)
      }
      if (unseen.length === 0 || due.length < MAX_ROWS || this.#stopped) break
    }
    for (const key of [...this.#reported].filter((reported) => !seen.has(reported)))
      this.#reported.delete(key)
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
      const attempts = await this.#core.store.getAttemptsRow(scope, id)
      if (attempts === undefined || isAhead(attempts.dueAt, this.#core.clock.now(), this.#most)) return
      await this.#core.store.apply(scope, [{ remove: 'attempts', id, ifRevision: attempts.revision }])
    } catch (error) {
      // Another process has processed the row.
      if (error instanceof RevisionConflictError || error instanceof UnknownFlowError) return
      const key = keyOf({ scope, kind, id })
      if (this.#reported.has(key)) return
      this.#reported.add(key)
      this.#core.log.warn(
        {
          scope,
          ...(kind === 'flow' && { flowId: id }),
          error: loggedError(error),
        },
        'A due row could not be processed.',
      )
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
