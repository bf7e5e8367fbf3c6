import type { Store } from '../../ports/store.ts'
import { checkReceiver, RECEIVERS, type Receiver } from './receiver-record.ts'

/** The maximum number of receivers of a scope. */
export const MAX_RECEIVERS = 10

/** Returns the receivers of a scope, and the ids of damaged ones. */
export async function readReceivers(
  { webhooks }: Store,
  scope: string,
): Promise<{ readonly items: readonly Receiver[]; readonly unreadable: readonly string[] }> {
  // An older process may have counted wrongly, so the limit of the list is higher.
  const page = await webhooks.list(scope, RECEIVERS, { limit: 10 * MAX_RECEIVERS })
  const items: Receiver[] = []
  const unreadable = [...page.unreadable]
  for (const record of page.items) {
    try {
      items.push(checkReceiver(record))
    } catch {
      unreadable.push(record.id)
    }
  }
  return { items, unreadable }
}
