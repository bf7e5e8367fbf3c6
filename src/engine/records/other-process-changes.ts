import type { Store } from '../../ports/store.ts'
import type { OtherProcessChanges } from '../api/latchkey.ts'

/**
 * Returns the entries, flows and integrations that other processes have changed since a mark; null if the store belongs
 * to one process.
 */
export async function otherProcessChanges(
  store: Store,
  scope: string,
  since: string | null,
): Promise<OtherProcessChanges | null> {
  const read = await store.readElsewhere?.(scope, since)
  if (read === undefined) return null
  const ids = (pick: 'entryId' | 'flowId') => [
    ...new Set(read.rows.map((row) => row[pick]).filter((id) => id !== null)),
  ]
  const clients = read.rows.filter(({ kind }) => kind === 'client_refused' || kind === 'client_accepted')
  const domains = [...new Set(clients.map(({ code }) => String(code)))]
  return { mark: read.mark, entryIds: ids('entryId'), flowIds: ids('flowId'), domains }
}
