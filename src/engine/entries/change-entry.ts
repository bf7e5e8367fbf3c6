import type { AuditDetail } from '../../ports/history.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import type { Endings } from '../flow-state/entry-endings.ts'
import type { Core } from '../kernel/core.ts'
import { announceLost, isLostAnswer, isStoredAs, wasWritten } from '../kernel/lost-answers.ts'
import { isConflict } from '../lib/conflicts.ts'
import { type AuditKind, audit, removedRow } from '../records/audit.ts'
import { lostGrants } from '../records/lost-grants.ts'
import { beginRemovals } from '../removals/removals.ts'
import type { Entries, ReadableRow } from './entries.ts'

/** A change of an entry by an API call. */
export interface EntryChange {
  readonly scope: string
  readonly entryId: string
  readonly who: string
  readonly kind: AuditKind
  /** The code of the history row. */
  readonly code?: string
  /** Returns the change for the history row. */
  readonly detail?: (before: EntryRecord, after: EntryRecord) => AuditDetail
  /** Returns the open flows that end with this change. */
  readonly endings?: (entry: EntryRecord) => Promise<Endings>
  /** Returns the changed entry, or the same one to change nothing. */
  readonly next: (entry: EntryRecord) => EntryRecord
}

/**
 * Writes a change of an entry with its history row and the ends of flows. Repeats it if another process has changed
 * the entry.
 *
 * @throws UnknownEntryError, UnreadableRecordError, StoreError
 */
export async function changeEntry(
  core: Core,
  entries: Entries,
  { scope, entryId, who, kind, code, detail: of, endings: end, next }: EntryChange,
): Promise<EntryRecord> {
  for (;;) {
    const entry = await entries.read(scope, entryId)
    const at = core.clock.now()
    const revision = entry.revision + 1
    const changed = next(entry)
    if (changed === entry) return entry
    const record = { ...changed, revision, updatedAt: at }
    const detail = of && { detail: of(entry, changed) }
    const row = audit({ scope, at, who, entryId, kind, code: code ?? null, revision, ...detail })
    const put = { put: 'entry', record, ifRevision: entry.revision } as const
    const look = async () => isStoredAs(await core.store.getEntry(scope, entryId), record)
    if (!(await written(core, { scope, entryId, look }, [put, row], await end?.(entry)))) continue
    core.events.emit('entry_updated', { scope, entryId, domain: entry.domain, revision })
    return record
  }
}

/**
 * Removes an entry with the ends of its flows, also if its content cannot be read.
 *
 * @returns the removed entry
 * @throws UnknownEntryError, StoreError
 */
export async function removeEntry(
  core: Core,
  entries: Entries,
  {
    scope,
    entryId,
    who,
    endings,
  }: Omit<EntryChange, 'kind' | 'code' | 'detail' | 'next' | 'endings'> & {
    readonly endings: () => Promise<Endings>
  },
): Promise<ReadableRow> {
  for (;;) {
    const removed = await entries.readRow(scope, entryId)
    const { revision: ifRevision } = removed
    const at = core.clock.now()
    const row = removedRow({ scope, at, who }, { ...removed, scope, entryId })
    const remove = { remove: 'entry', id: entryId, ifRevision } as const
    const removals = 'sealed' in removed ? lostGrants(core, removed, null) : []
    const look = async () => (await core.store.getEntryRow(scope, entryId)) === undefined
    const writes = [remove, row, ...removals]
    if (!(await written(core, { scope, entryId, look }, writes, await endings()))) continue
    beginRemovals(core, removals)
    return removed
  }
}

/** A change to write. `look` reads whether it is stored. */
type Written = Pick<EntryRecord, 'scope' | 'entryId'> & { readonly look: () => Promise<boolean> }

/**
 * Writes a change with the ends of flows. Returns false if the entry or a flow has changed since it was read. If the
 * answer is lost, reads whether the change is stored.
 */
async function written(
  core: Core,
  { scope, entryId, look }: Written,
  writes: readonly Write[],
  endings: Endings | undefined,
): Promise<boolean> {
  try {
    await core.store.apply(scope, [...writes, ...(endings?.writes ?? [])])
  } catch (error) {
    if (isConflict(error, 'entry') || isConflict(error, 'flow')) return false
    if (!(await wasWritten(error, look))) {
      if (isLostAnswer(error)) announceLost(core, { scope, entryId })
      throw error
    }
  }
  endings?.announce()
  core.events.emit('attention_changed', { scope, entryId })
  return true
}
