import { UnreadableRecordError } from '../../errors.ts'
import type { Task } from '../../ports/jobs.ts'
import type { WebhookRow } from '../../ports/webhooks.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { loggedError } from '../lib/redact.ts'
import { latestBelievable } from '../lib/stored-time.ts'
import type { Deliveries } from './deliveries.ts'
import { LOG_RETENTION } from './delivery-record.ts'

const EVERY = 2_000

/** The time in which a turn starts attempts, in milliseconds. The next turn continues. */
const TURN = 60_000

const PAGE_SIZE = 200

/** The number of receivers at the same time, and of attempts to each. */
const RECEIVERS_AT_ONCE = 16
const ATTEMPTS_AT_ONCE = 4

/** After this time, the rest of a page is deferred, so that a slow receiver does not delay the others. */
const PAGE_TIME = 10_000

/** Sends the deliveries of webhooks that are due, and purges old ones. */
export class DeliverWebhooks implements Task {
  readonly name = 'deliver_webhooks'
  readonly every = EVERY
  readonly #core: Core
  readonly #deliveries: Deliveries

  constructor(core: Core, deliveries: Deliveries) {
    this.#core = core
    this.#deliveries = deliveries
  }

  readonly run = async (signal: AbortSignal): Promise<void> => {
    const { store, clock } = this.#core
    const end = clock.now() + TURN
    const failed = new Set<string>()
    for (let hasMore = true; hasMore && !signal.aborted && clock.now() < end; ) {
      const limit = PAGE_SIZE + failed.size
      const due = await store.webhooks.due(clock.now(), limit, latestBelievable(clock.now(), LOG_RETENTION))
      const rows = due.filter((row) => !failed.has(keyOf(row)))
      const pageEnd = clock.now() + PAGE_TIME
      const byReceiver = Map.groupBy(rows, ({ scope, list }) => keyOf({ scope, id: list }))
      await concurrently(RECEIVERS_AT_ONCE, [...byReceiver.values()], async (ofOne) => {
        let isFailing = false
        await concurrently(ATTEMPTS_AT_ONCE, ofOne, async (row) => {
          if (signal.aborted) return
          try {
            const defers = () => isFailing || clock.now() >= pageEnd
            if ((await this.#deliveries.settle(row.scope, row.id, defers)) === false) isFailing = true
          } catch (error) {
            failed.add(keyOf(row))
            await this.#failed(row, error)
          }
        })
      })
      hasMore = due.length === limit
    }
  }

  /** Removes a damaged row. Any other failure is left to the next turn. */
  async #failed(row: WebhookRow, error: unknown): Promise<void> {
    const { scope, id, list } = row
    const fields = { scope, deliveryId: id, webhookId: list, error: loggedError(error) }
    if (!(error instanceof UnreadableRecordError)) {
      this.#core.log.warn(fields, 'A delivery of a webhook could not be processed.')
      return
    }
    this.#core.log.warn(fields, 'A damaged delivery of a webhook was removed.')
    await this.#deliveries.remove(row)
  }
}

const keyOf = ({ scope, id }: Pick<WebhookRow, 'scope' | 'id'>): string => `${scope}\n${id}`
