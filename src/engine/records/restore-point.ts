import type { EntryRecord } from '../../ports/store.ts'

type Held = Pick<EntryRecord, 'version' | 'data' | 'sealed' | 'options' | 'uniqueId' | 'matchKey'>

/** What an entry holds that a change may have to be undone to. */
export function restorePointOf({ version, data, sealed, options, uniqueId, matchKey }: EntryRecord): Held {
  return { version, data, sealed, options, uniqueId, ...(matchKey !== undefined && { matchKey }) }
}
