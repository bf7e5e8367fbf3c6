import { UnknownSubentryError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { OpenedSubentries, OpenedSubentry } from '../connections/subentries.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { openSubentry } from '../secrets/vault.ts'

/** What is under an entry, in the order in which it was added. */
export const subentriesOf = ({ subentries }: EntryRecord): readonly SubentryRecord[] =>
  subentries?.items ?? []

/** @throws UnknownSubentryError */
export function subentryIn(entry: EntryRecord, subentryId: string): SubentryRecord {
  const found = subentriesOf(entry).find((one) => one.subentryId === subentryId)
  if (found === undefined) throw new UnknownSubentryError(subentryId)
  return found
}

/** An entry's next record, with other things under it. */
export const withSubentries = (entry: EntryRecord, items: readonly SubentryRecord[]): EntryRecord => ({
  ...entry,
  subentries: { revision: (entry.subentries?.revision ?? 0) + 1, items },
})

/** What is under an entry, opened; what cannot be is logged and left out: it is not to stop its entry. */
export async function openSubentries(core: Core, entry: EntryRecord): Promise<OpenedSubentries> {
  const opened = await Promise.all(subentriesOf(entry).map((stored) => openOne(core, entry, stored)))
  return { revision: entry.subentries?.revision ?? 0, items: opened.filter((one) => one !== null) }
}

async function openOne(
  core: Core,
  entry: EntryRecord,
  stored: SubentryRecord,
): Promise<OpenedSubentry | null> {
  try {
    return { stored, values: { ...stored.data, ...(await openSubentry(core, entry, stored)) } }
  } catch (error) {
    const { scope, entryId } = entry
    core.log.error('The secrets of a sub-entry cannot be opened.', {
      ...{ scope, entryId, subentryId: stored.subentryId },
      error: loggedError(error),
    })
    return null
  }
}
