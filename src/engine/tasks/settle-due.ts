import { RevisionConflictError, UnknownFlowError } from '../../errors.ts'
import type { Task } from '../../ports/jobs.ts'
import type { Due } from '../../ports/store.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Flows } from '../flows/flows.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { loggedError } from '../lib/redact.ts'
import { isAhead, latestBelievable } from '../lib/stored-time.ts'
import { Attempts } from '../login-budget/attempts.ts'
import { ClientRefusals, REFUSAL_LIFETIME, REFUSALS_KEY } from '../tokens/client-refusals.ts'

const EVERY = 10_000

/** The longest duration of a turn in milliseconds. The next turn continues. */
const TURN = 60_000

const PAGE_SIZE = 500

/** The number of rows that are processed at the same time. Stores write them together. */
const CONCURRENT = 32

const keyOf = ({ scope, kind, id }: Due): string => `${scope}\n${kind}\n${id}`

/** Processes due rows: expires flows, deletes drafts, opens follow-up flows, purges tombstones and failed attempts. */
export class SettleDue implements Task {
  readonly name = 'settle_due'
  readonly every = EVERY
  readonly #core: Core
  readonly #flows: Flows
  /** The rows whose failure has been logged. */
  #reported: ReadonlySet<string> = new Set()

  constructor(core: Core, flows: Flows) {
    this.#core = core
    this.#flows = flows
  }

  /** Processes all due rows. One that cannot be processed does not stop those behind it. */
  readonly run = async (signal: AbortSignal): Promise<void> => {
    const { store, clock, telemetry } = this.#core
    const end = clock.now() + TURN
    const seen = new Set<string>()
    const failed = new Set<string>()
    for (let limit = PAGE_SIZE, hasMore = true; hasMore && !signal.aborted && clock.now() < end; ) {
      const due = await store.due(clock.now(), limit, latestBelievable(clock.now(), this.#most))
      const rows = due.filter((row) => !seen.has(keyOf(row)))
      const oldest = rows.find(({ dueAt = clock.now() }) => dueAt < clock.now())?.dueAt
      if (oldest !== undefined)
        telemetry.measure({ type: 'queue_age', task: this.name, ms: clock.now() - oldest })
      await concurrently(CONCURRENT, rows, async (row) => {
        seen.add(keyOf(row))
        if (!(await this.#settle(row))) failed.add(keyOf(row))
      })
      hasMore = due.length === limit
      // Rows that are still due after they were processed come first in the next page.
      limit = due.length - rows.length + PAGE_SIZE
    }
    this.#reported = failed
  }

  /** The longest time that a row can be due in, in milliseconds. */
  get #most(): number {
    const { flowIdle, discoveryIdle, tombstone, attemptsWindow } = this.#core.limits
    const attempts = Math.max(attemptsWindow, MAX_RETRY_AFTER, REFUSAL_LIFETIME)
    return Math.max(flowIdle, discoveryIdle, tombstone, attempts)
  }

  /** Processes a row. Returns whether that was possible. */
  async #settle(row: Due): Promise<boolean> {
    const { scope, kind, id } = row
    try {
      if (kind === 'flow') await this.#flows.settleDue(scope, id)
      else if (kind === 'reservation') await this.#foldReservations(row)
      else await this.#purgeAttempts(row)
      return true
    } catch (error) {
      // Another process has processed the row.
      if (error instanceof RevisionConflictError || error instanceof UnknownFlowError) return true
      if (this.#reported.has(keyOf(row))) return false
      this.#core.log.warn(
        { scope, ...(kind === 'flow' && { flowId: id }), error: loggedError(error) },
        'A due row could not be processed.',
      )
      return false
    }
  }

  /** Counts the attempts as refused that another process has reserved and not settled. */
  async #foldReservations({ scope, id }: Due): Promise<void> {
    await (await Attempts.ofKey(this.#core, scope, id)).apply((current) => current.fold())
  }

  async #purgeAttempts({ scope, id }: Due): Promise<void> {
    const { store, clock } = this.#core
    const attempts = await store.getAttemptsRow(scope, id)
    if (attempts === undefined || isAhead(attempts.dueAt, clock.now(), this.#most)) return
    const { revision } = attempts
    if (id === REFUSALS_KEY) return new ClientRefusals(this.#core).expire(scope, revision)
    await store.apply(scope, [{ remove: 'attempts', id, ifRevision: revision }])
  }
}
