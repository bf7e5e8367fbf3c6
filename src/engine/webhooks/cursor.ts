import type { Store } from '../../ports/store.ts'
import type { WebhookRecord } from '../../ports/webhooks.ts'

/** The id of the row that follows the history of a scope. It exists while the scope has receivers. */
export const CURSOR = 'cursor'

/** The position in the history of a scope up to which events were queued, and the number of receivers. */
export interface Cursor {
  readonly scope: string
  readonly position: number
  readonly receivers: number
  readonly revision: number
}

/** Returns the cursor of a scope; null if it has no receivers. @throws UnreadableRecordError */
export async function readCursor({ webhooks }: Store, scope: string): Promise<Cursor | null> {
  const record = await webhooks.get(scope, CURSOR)
  if (record === undefined) return null
  const { position, content, revision } = record
  return { scope, position: Number(position), receivers: Number(content.receivers), revision }
}

/** Returns the next row of a cursor. */
export function cursorRow({ scope, position, receivers, revision }: Cursor): WebhookRecord {
  const content = { machine: 'webhook-cursor@1', receivers }
  return { scope, id: CURSOR, list: CURSOR, content, position, dueAt: null, revision: revision + 1 }
}
