import type { FlowEnd } from '../../../machines/flow-end.ts'
import type { EntryCommit, FlowEntry, Found } from '../../../machines/flow-result.ts'
import type { RevisionConflictError } from '../../errors.ts'
import type { AuditDetail, AuditRow } from '../../ports/history.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { matchKeyOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { type AuditKind, removedRow } from '../records/audit.ts'
import { checkEntry, restorePointOf } from '../records/entry-record.ts'
import { replaceOldKeys } from '../records/match-keys.ts'

/** The verified values for an existing entry, and the entry as the flow has read it. */
export type EntryUpdate = EntryCommit & {
  readonly entryId: string
  readonly entry: FlowEntry
  /**
   * Whether the entry must load with the new values first. Until then the flow stays open, and the entry keeps its
   * previous values.
   */
  readonly mayRollBack: boolean
  readonly settlesProposal: boolean
  /** Whether a new link gives its credential to the entry. It must still need one, and its reauthentication ends. */
  readonly repairs: boolean
}

/** The save of a new entry. */
export interface NewEntrySave {
  readonly end: FlowEnd
  readonly kind: AuditKind
  readonly replacesIgnored: boolean
  /** An ignored entry that the new one replaces. */
  readonly replaced: EntryRecord | null
}

/** Additional changes of a commit: the ends of other flows, an ignored entry that is removed. */
export interface Parallel {
  readonly writes: readonly Write[]
  readonly replaced: EntryRecord | null
  /** The code of the history row. */
  readonly code?: string | null
  /** The change for the history row. */
  readonly detail?: AuditDetail
}

/** Returns the current values of an entry, to restore them if it does not load with the new ones. */
export function previousOf(entry: EntryRecord): NonNullable<EntryRecord['previous']> {
  const { reauth, rejectedRevision, credentialRevision } = entry
  return {
    why: 'reconfigured',
    ...restorePointOf(entry),
    reauth,
    rejected: rejectedRevision === credentialRevision,
  }
}

export const isConflictOn = (error: unknown, flowId: string): boolean =>
  isConflict(error, 'flow') && (error as RevisionConflictError).id === flowId

/** Whether another process has changed a record that the write depends on, or has opened a discovery. */
export const isOvertaken = (error: unknown): boolean =>
  isConflict(error, 'flow') || isConflict(error, 'entry') || isTaken(error, 'held')

/** Returns the ignored entry that holds an account; null if the holder is not ignored. */
export async function ignoredHolder(core: Core, scope: string, entryId: string): Promise<EntryRecord | null> {
  const holder = await core.store.getEntry(scope, entryId)
  return holder?.ignored === true ? checkEntry(holder) : null
}

/** Returns the writes that remove an ignored entry. */
export const removal = (
  replaced: EntryRecord,
  row: Pick<AuditRow, 'scope' | 'at' | 'who' | 'flowId'>,
): readonly Write[] => [
  { remove: 'entry', id: replaced.entryId, ifRevision: replaced.revision },
  removedRow(row, replaced),
]

/** Returns the key of a discovery; null if the flow is not one. */
export const keyIn = ({ found }: { readonly found?: unknown }): string | null =>
  (found as Found | undefined)?.key ?? null

/**
 * Returns the match key of the entry with new data. If its fields are unchanged, the entry keeps its key, or stays
 * without one.
 */
export async function matchKeyAfter(
  core: Core,
  compiled: Compiled,
  before: EntryRecord,
  data: JsonObject,
): Promise<string | undefined> {
  const matchKey = await matchKeyOf(compiled, data)
  if (matchKey === (await matchKeyOf(compiled, before.data))) return before.matchKey
  await replaceOldKeys({ core, scope: before.scope, compiled })
  return matchKey
}
