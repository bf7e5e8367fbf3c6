import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { openSecrets, sealSubentry } from '../secrets/vault.ts'
import { restorePointOf } from './entry-record.ts'
import type { OpenedEntry, OpenedSubentryVersion } from './migrate-entry.ts'
import { openSubentries, subentriesOf, withSubentries } from './subentries.ts'

/** Decrypts an entry for its migration. Sub-entries that cannot be decrypted are left out. @throws KeyMissingError, SealBrokenError */
export async function openEntry(core: Core, entry: EntryRecord): Promise<OpenedEntry> {
  const { version, uniqueId, data, options } = entry
  const secrets = await openSecrets(core, entry)
  const { items } = await openSubentries(core, entry)
  const subentries = items.map(({ stored, values }) => {
    const { subentryId, type, title, uniqueId: id, version: own = 1 } = stored
    const isSecret = ([field]: readonly [string, unknown]) => !Object.hasOwn(stored.data, field)
    const hidden = Object.fromEntries(Object.entries(values).filter(isSecret))
    return { subentryId, type, title, uniqueId: id, version: own, data: stored.data, secrets: hidden }
  })
  return { version, uniqueId, data, secrets, options, subentries }
}

/** An entry before and after its migration. */
interface Migrated {
  readonly now: EntryRecord
  readonly opened: OpenedEntry
  readonly migrated: OpenedEntry
}

/**
 * Returns the change of the sub-entries; empty without one. One that could not be decrypted stays as it is, so that it
 * does not block the entry.
 */
export async function migratedSubentries(
  core: Core,
  { subentries: kinds }: Compiled,
  { now, opened, migrated }: Migrated,
): Promise<Pick<EntryRecord, 'subentries'>> {
  const before = subentriesOf(now)
  const isBroken = ({ subentryId }: SubentryRecord) =>
    opened.subentries.every((subentry) => subentry.subentryId !== subentryId)
  const broken = before
    .filter(isBroken)
    .map((subentry) => withVersion(subentry, kinds.get(subentry.type)?.version ?? subentry.version ?? 1))
  const sealed = await Promise.all(
    migrated.subentries.map(async (subentry) => {
      const { subentryId, version } = subentry
      const isSame = (other: { readonly subentryId: string }) => other.subentryId === subentryId
      const stored = before.find(isSame)
      const { version: _, ...old } = opened.subentries.find(isSame) ?? { version }
      const { version: __, ...content } = subentry
      if (stored !== undefined && jsonEqual(old, content)) return withVersion(stored, version)
      return sealedSubentry(core, now, { subentry, revision: (stored?.revision ?? 0) + 1 })
    }),
  )
  const items = [...sealed, ...broken]
  const isUnchanged = items.length === before.length && items.every((item, index) => item === before[index])
  if (isUnchanged) return {}
  const { subentries } = withSubentries(now, items)
  return { ...(subentries && { subentries }) }
}

/** Returns a sub-entry with another version; the same one if it has it already. Version 1 need not be stored. */
const withVersion = (stored: SubentryRecord, version: number): SubentryRecord =>
  (stored.version ?? 1) === version ? stored : { ...stored, version }

async function sealedSubentry(
  core: Core,
  entry: EntryRecord,
  { subentry, revision }: { readonly subentry: OpenedSubentryVersion; readonly revision: number },
): Promise<SubentryRecord> {
  const { secrets, version, ...stored } = subentry
  const content = { ...stored, revision, ...(version > 1 && { version }) }
  return { ...content, sealed: await sealSubentry(core, entry, content, secrets) }
}

/** Returns the original of a migrated entry, to restore it. After several migrations, that is the one of the first. */
export function originalOf(now: EntryRecord, next: EntryRecord): NonNullable<EntryRecord['previous']> {
  const { previous } = now
  const { subentries } = next
  const first = previous?.why === 'migrated' ? previous : { why: 'migrated' as const, ...restorePointOf(now) }
  if (subentries === undefined || subentries === now.subentries || first.subentries !== undefined)
    return first
  const items = subentriesOf(now)
  // A process of an earlier version restores it with this revision, which must be a new one.
  return { ...first, subentries: { revision: subentries.revision + 1, items } }
}
