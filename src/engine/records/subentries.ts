import { UnknownSubentryError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { OpenedSubentries, OpenedSubentry } from '../connections/subentries.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { openSubentry } from '../secrets/vault.ts'

/** Returns the sub-entries of an entry, oldest first. */
export const subentriesOf = ({ subentries }: EntryRecord): readonly SubentryRecord[] =>
  subentries?.items ?? []

/** Returns a sub-entry of an entry. @throws UnknownSubentryError */
export function subentryIn(entry: EntryRecord, subentryId: string): SubentryRecord {
  const found = subentriesOf(entry).find((subentry) => subentry.subentryId === subentryId)
  if (found === undefined) throw new UnknownSubentryError(subentryId)
  return found
}

/** Returns an entry with other sub-entries and the next revision of their list. */
export const withSubentries = (entry: EntryRecord, items: readonly SubentryRecord[]): EntryRecord => ({
  ...entry,
  subentries: { revision: (entry.subentries?.revision ?? 0) + 1, items },
})

/**
 * Decrypts the sub-entries of an entry. One that cannot be decrypted is logged and omitted, so that it does not block
 * the entry.
 */
export async function openSubentries(core: Core, entry: EntryRecord): Promise<OpenedSubentries> {
  const opened = await Promise.all(subentriesOf(entry).map((stored) => openOne(core, entry, stored)))
  return { revision: entry.subentries?.revision ?? 0, items: opened.filter((subentry) => subentry !== null) }
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
    core.log.error(
      {
        scope,
        entryId,
        subentryId: stored.subentryId,
        error: loggedError(error),
      },
      'The secrets of a sub-entry could not be decrypted.',
    )
    return null
  }
}
