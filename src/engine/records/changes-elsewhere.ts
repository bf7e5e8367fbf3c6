import type { Store } from '../../ports/store.ts'
import type { WrittenElsewhere } from '../api/latchkey.ts'

/** Reads what others have written into a scope since a mark; null where nobody else can write. */
export async function writtenElsewhere(
  store: Store,
  scope: string,
  since: string | null,
): Promise<WrittenElsewhere | null> {
  const read = await store.readElsewhere?.(scope, since)
  if (read === undefined) return null
  const ids = (pick: 'entryId' | 'flowId') => [
    ...new Set(read.rows.map((row) => row[pick]).filter((id) => id !== null)),
  ]
  return { mark: read.mark, entryIds: ids('entryId'), flowIds: ids('flowId') }
}
