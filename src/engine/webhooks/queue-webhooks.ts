import { RevisionConflictError } from '../../errors.ts'
import type { Task } from '../../ports/jobs.ts'
import type { Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { concurrently } from '../lib/concurrently.ts'
import { newId } from '../lib/new-id.ts'
import { loggedError } from '../lib/redact.ts'
import { cursorRow, readCursor } from './cursor.ts'
import { deliveryRow, newDelivery, newDeliveryId } from './delivery-record.ts'
import { type EventEntry, eventOf, payloadOf, type WebhookEvent } from './events.ts'
import type { Receiver } from './receiver-record.ts'
import { readReceivers } from './receivers.ts'

const UNKNOWN: EventEntry = { domain: null, title: null }

const EVERY = 2_000

const MAX_SCOPES = 100

const CONCURRENT = 8

/** The number of history rows of one transaction. Each becomes a delivery for at most ten receivers. */
const PAGE_SIZE = 50

/**
 * Queues the deliveries of webhooks: turns the new history of each scope into deliveries. The position in the history is
 * written with them, so each event is queued once.
 */
export function queueWebhooks(core: Core): Task {
  return {
    name: 'queue_webhooks',
    every: EVERY,
    async run(signal) {
      const scopes = await core.store.webhooks.behind(MAX_SCOPES)
      await concurrently(CONCURRENT, scopes, async (scope) => {
        try {
          while (!signal.aborted && (await queueNext(core, scope)));
        } catch (error) {
          // Another process has added or removed a webhook. The next turn queues the events.
          if (error instanceof RevisionConflictError) return
          core.log.error({ scope, error: loggedError(error) }, 'Webhooks could not be queued.')
        }
      })
    },
  }
}

/** Queues the events of the next history rows. Returns whether there may be more. */
async function queueNext(core: Core, scope: string): Promise<boolean> {
  const { store, clock } = core
  const cursor = await readCursor(store, scope)
  if (cursor === null) return false
  const { rows, position } = await store.webhooks.history(scope, cursor.position, PAGE_SIZE)
  if (position === cursor.position) return false
  const events = rows.flatMap((row) => eventOf(row) ?? [])
  const { items } = events.length === 0 ? { items: [] } : await readReceivers(store, scope)
  const receivers = items.filter(({ content }) => content.step !== 'off')
  const now = clock.now()
  const writes: Write[] = [
    { put: 'webhook', record: cursorRow({ ...cursor, position }), ifRevision: cursor.revision },
  ]
  // An entry that was removed since has its names in a later row.
  const removed = new Map(events.map(({ entryId, removed: names }) => [entryId, names]))
  for (const event of events) {
    const interested = receivers.filter(({ content }) => content.events.includes(event.type))
    if (interested.length === 0) continue
    const entry = (await entryOf(core, scope, event)) ?? removed.get(event.entryId) ?? UNKNOWN
    for (const receiver of interested) writes.push(deliveryOf(event, { receiver, entry, now }))
  }
  await store.apply(scope, writes)
  return rows.length === PAGE_SIZE
}

function deliveryOf(
  event: WebhookEvent,
  { receiver, entry, now }: { readonly receiver: Receiver; readonly entry: EventEntry; readonly now: number },
): Write {
  const { scope, id: webhookId, content } = receiver
  const { type, at } = event
  const body = payloadOf(scope, event, entry, content.tags)
  const delivery = newDelivery(
    { scope, id: newDeliveryId(at, newId()), webhookId, type, createdAt: at, body },
    now,
  )
  return { put: 'webhook', record: deliveryRow({ ...delivery, revision: 1 }, now), ifRevision: 0 }
}

/** Returns the names of the entry of an event; null if it does not exist. */
async function entryOf({ store }: Core, scope: string, event: WebhookEvent): Promise<EventEntry | null> {
  if (event.removed !== undefined) return event.removed
  try {
    const entry = await store.getEntry(scope, event.entryId)
    if (entry !== undefined) return { domain: entry.domain, title: entry.title }
  } catch {
    // A damaged entry is an event nevertheless.
    const row = await store.getEntryRow(scope, event.entryId)
    if (row !== undefined) return { domain: row.domain, title: null }
  }
  return null
}
