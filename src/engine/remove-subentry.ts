import { changeEntry } from './change-entry.ts'
import type { Core } from './core.ts'
import type { Entries, EntryView } from './entries.ts'
import { reloadRunning } from './reload-running.ts'
import { subentriesOf, subentryIn, withSubentries } from './stored-subentries.ts'

/** What is to be removed under which entry, and who asks. */
interface Removal {
  readonly scope: string
  readonly entryId: string
  readonly subentryId: string
  readonly who: string
}

/**
 * Removes something under an entry; the flow that changes it ends, and an entry that runs is set up anew without it.
 *
 * @throws UnknownEntryError, UnknownSubentryError, StoreError
 */
export async function removeSubentry(
  core: Core,
  entries: Entries,
  { scope, entryId, subentryId, who }: Removal,
): Promise<EntryView> {
  const { type } = subentryIn(await entries.read(scope, entryId), subentryId)
  const changed = await changeEntry(core, entries, {
    ...{ scope, entryId, who, kind: 'subentry_removed', code: `${type}/${subentryId}` },
    endings: (entry) => entries.flows.endingsUnder(entry, subentryId),
    next: (entry) => {
      const gone = subentryIn(entry, subentryId)
      return withSubentries(
        entry,
        subentriesOf(entry).filter((one) => one !== gone),
      )
    },
  })
  await entries.serially(scope, entryId, () => reloadRunning(entries, changed))
  return entries.get(scope, entryId)
}
