import type { SaveResult, Saving } from '../../machines/flow-result.ts'
import { EntryVersionError, RevisionConflictError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { AuditKind } from './audit.ts'
import { isConflict } from './conflict.ts'
import { integrationOf } from './core.ts'
import { checkEntry, ownEntry } from './entry-record.ts'
import type { FlowCommit } from './flow-commit.ts'
import { sameJson } from './same-json.ts'

/** What is to be saved of an entry that exists. */
export type SavingOf = Saving & { readonly entryId: string }

/** Saves the options of an entry; those that are the same write nothing. @throws StoreError */
export function saveOptions(commit: FlowCommit, saving: SavingOf): Promise<SaveResult> {
  const options = saving.draft.reveal().values as JsonObject
  return saveEntry(commit, saving, 'options_changed', (entry) =>
    sameJson(entry.options, options) ? null : { ...entry, options },
  )
}

/** Saves a change of an entry that leaves its credential alone, with the end of the flow. */
async function saveEntry(
  commit: FlowCommit,
  { entryId, end }: SavingOf,
  kind: AuditKind,
  change: (entry: EntryRecord) => EntryRecord | null,
): Promise<SaveResult> {
  const { core, flow } = commit
  const stored = await core.store.getEntry(flow.scope, entryId)
  if (stored === undefined) return { type: 'missing' }
  const before = checkEntry(stored)
  if (before.disabled) return { type: 'disabled' }
  const { version } = integrationOf(core, before.domain)
  // A newer version of the integration has migrated it meanwhile: these are not its options.
  if (before.version > version) throw new EntryVersionError(entryId, before.version, version)
  const changed = change(before)
  if (changed === null) return { type: 'unchanged' }
  const entry = ownEntry({ ...changed, revision: before.revision + 1, updatedAt: core.clock.now() })
  try {
    await commit.write(entry, before.revision, end, kind)
  } catch (error) {
    if (isConflict(error, 'flow')) return commit.supersede()
    if (error instanceof RevisionConflictError) return { type: 'outdated' }
    throw error
  }
  const { scope, domain, revision } = entry
  core.events.emit('entry_updated', { scope, entryId, domain, revision })
  return { type: 'saved' }
}
