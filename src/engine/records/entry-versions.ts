import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** The version of an entry, or of one of its sub-entries, and the one that the integration has. */
interface VersionMisfit {
  readonly version: number
  readonly supported: number
}

/**
 * Returns the first version that differs from that of the integration, a newer one first; null if all are current. A
 * sub-entry whose type the integration does not have counts as current.
 */
export function versionMisfit(
  { version: supported, subentries: kinds }: Compiled,
  { version, subentries }: Pick<EntryRecord, 'version' | 'subentries'>,
): VersionMisfit | null {
  const versions = [{ version, supported }]
  // The row can be damaged.
  const items = Array.isArray(subentries?.items) ? subentries.items : []
  for (const item of items) {
    const kind = kinds.get(item?.type)
    if (kind !== undefined) versions.push({ version: item.version ?? 1, supported: kind.version })
  }
  const isNewer = (each: VersionMisfit) => each.version > each.supported
  return versions.find(isNewer) ?? versions.find((each) => each.version < each.supported) ?? null
}

/** Whether a migration applies to an entry. */
export function isOlder(compiled: Compiled, entry: EntryRecord): boolean {
  const misfit = versionMisfit(compiled, entry)
  return misfit !== null && misfit.version < misfit.supported
}

/** Whether two records of an entry, and of its sub-entries, have the same versions. */
export function haveSameVersions(one: EntryRecord, two: EntryRecord): boolean {
  const versions = new Map(two.subentries?.items.map(({ subentryId, version = 1 }) => [subentryId, version]))
  return (
    one.version === two.version &&
    (one.subentries?.items ?? []).every(
      ({ subentryId, version = 1 }) => (versions.get(subentryId) ?? version) === version,
    )
  )
}
