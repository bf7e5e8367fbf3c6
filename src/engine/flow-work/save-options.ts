import type { OptionsCommit, SaveResult } from '../../../machines/flow-result.ts'
import { EntryVersionError, RevisionConflictError } from '../../errors.ts'
import type { Form } from '../../form.ts'
import type { AuditDetail } from '../../ports/history.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { integrationOf } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { jsonEqual } from '../lib/json.ts'
import type { AuditKind } from '../records/audit.ts'
import { checkEntry, ownEntry } from '../records/entry-record.ts'
import { versionMisfit } from '../records/entry-versions.ts'
import { changedFields } from '../records/history-detail.ts'
import type { FlowCommit } from './commit.ts'
import type { CommitEnd } from './commit-writes.ts'

/** The options to save, and their entry. */
export type OptionsCommitOf = OptionsCommit & { readonly entryId: string }

/** A change of an entry that does not affect its credential. */
interface EntryChange<Refused> {
  readonly entryId: string
  readonly kind: AuditKind
  /** The end of the flow, saved in the same transaction. */
  readonly end: CommitEnd
  /** Returns the change for the history row. */
  detail?(before: EntryRecord, after: EntryRecord): { readonly detail?: AuditDetail }
  /** Returns the changed entry, or the reason why it is not changed. */
  change(entry: EntryRecord): Promise<EntryRecord | Refused>
}

type Unsaved = Exclude<SaveResult, { readonly type: 'saved' | 'unchanged' }>

/** Saves the options of an entry. Does not write unchanged options. @throws StoreError */
export function saveOptions(
  commit: FlowCommit,
  { entryId, end, draft }: OptionsCommitOf,
): Promise<SaveResult> {
  const options = draft.reveal().values as JsonObject
  const secretsOf = ({ domain }: EntryRecord) =>
    (integrationOf(commit.core, domain).steps.get('init') as Form).secrets
  return saveEntryChange<{ readonly type: 'unchanged' }>(commit, {
    entryId,
    end,
    kind: 'options_changed',
    detail: (before, after) => changedFields(before.options, after.options, secretsOf(before)),
    change: async (entry) =>
      jsonEqual(entry.options, options) ? { type: 'unchanged' } : { ...entry, options },
  })
}

/** Saves a change of an entry with the end of the flow. @throws StoreError */
export async function saveEntryChange<Refused extends { readonly type: string }>(
  commit: FlowCommit,
  { entryId, kind, end, change, detail: of }: EntryChange<Refused>,
): Promise<{ readonly type: 'saved' } | Unsaved | Refused> {
  const { core } = commit
  const stored = await commit.entryOf(entryId)
  if (stored === undefined) return { type: 'missing' }
  const before = checkEntry(stored)
  if (before.disabled) return { type: 'disabled' }
  const misfit = versionMisfit(integrationOf(core, before.domain), before)
  // A newer version of the integration has migrated the entry. This change belongs to the old version.
  if (misfit !== null && misfit.version > misfit.supported)
    throw new EntryVersionError(entryId, misfit.version, misfit.supported)
  const changed = await change(before)
  if ('type' in changed) return changed
  const entry = ownEntry({ ...changed, revision: before.revision + 1, updatedAt: core.clock.now() })
  const { scope, domain, revision } = entry
  const done = () => {
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
  }
  try {
    await commit.write(entry, before.revision, end, kind, {
      ...{ writes: [], replaced: null, done },
      ...of?.(before, entry),
    })
  } catch (error) {
    if (isConflict(error, 'flow')) return commit.supersede()
    if (error instanceof RevisionConflictError) return { type: 'outdated' }
    throw error
  }
  return { type: 'saved' }
}
