import type { EntryRecord } from '../../ports/store.ts'

type RestorePoint = Pick<EntryRecord, 'version' | 'data' | 'sealed' | 'options' | 'uniqueId' | 'matchKey'>

/** Returns the values of an entry that restoring it needs. */
export function restorePointOf({
  version,
  data,
  sealed,
  options,
  uniqueId,
  matchKey,
}: EntryRecord): RestorePoint {
  return { version, data, sealed, options, uniqueId, ...(matchKey !== undefined && { matchKey }) }
}
