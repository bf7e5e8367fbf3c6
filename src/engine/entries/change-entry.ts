import type { EntryRecord, Write } from '../../ports/store.ts'
import type { Endings } from '../flow-state/entry-endings.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import type { Entries } from './entries.ts'

/** A change of an entry by an API call. */
export interface EntryChange {
  readonly scope: string
  readonly entryId: string
  readonly who: string
  readonly kind: AuditKind
  /** The code of the history row. */
  readonly code?: string
  /** Returns the open flows that end with this change. */
  readonly endings?: (entry: EntryRecord) => Promise<Endings>
  /** Returns the changed entry; null to remove it. */
  readonly next: (entry: EntryRecord) => EntryRecord | null
}

/**
 * Writes a change of an entry with its history row and the ends of flows. Repeats it if another process has changed
 * the entry.
 *
 * @returns the new entry, or the removed one
 * @throws UnknownEntryError, StoreError
 */
export async function changeEntry(
  core: Core,
  entries: Entries,
  { scope, entryId, who, kind, code, endings: end, next }: EntryChange,
): Promise<EntryRecord> {
  for (;;) {
    const entry = await entries.read(scope, entryId)
    const at = core.clock.now()
    const revision = entry.revision + 1
    const changed = next(entry)
    const record = changed === null ? null : { ...changed, revision, updatedAt: at }
    const endings = await end?.(entry)
    const writes: Write[] = [
      record === null
        ? { remove: 'entry', id: entryId, ifRevision: entry.revision }
        : { put: 'entry', record, ifRevision: entry.revision },
      ...(endings?.writes ?? []),
      audit({ scope, at, who, entryId, kind, code: code ?? null, revision }),
    ]
    try {
      await core.store.apply(scope, writes)
    } catch (error) {
      if (isConflict(error, 'entry') || isConflict(error, 'flow')) continue
      throw error
    }
    endings?.announce()
    core.events.emit('attention_changed', { scope, entryId })
    if (record === null) return entry
    core.events.emit('entry_updated', { scope, entryId, domain: entry.domain, revision })
    return record
  }
}
