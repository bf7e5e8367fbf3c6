import { UnknownEntryError, UnreadableRecordError } from '../../errors.ts'
import type { EntryName, EntryRecord } from '../../ports/store.ts'
import { methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { ownEntry } from '../records/entry-record.ts'
import { laterRefresh } from '../records/refresh-time.ts'
import type { Entries } from './entries.ts'

/**
 * Refreshes the token of an entry that no call has needed for a long time. If the service rejects the credential, records
 * that a user must sign in again. Forgets the token afterwards.
 *
 * @throws StoreError, StoppedError
 */
export async function refreshDue(core: Core, entries: Entries, { scope, entryId }: EntryName): Promise<void> {
  const { tokens, flows } = entries
  try {
    const entry = await entries.read(scope, entryId)
    const isRejected = entry.rejectedRevision === entry.credentialRevision
    const integration = core.integrations.get(entry.domain)
    const refreshes =
      integration !== undefined && methodOf(integration, entry.method).integration.refresh !== undefined
    if (entry.disabled || isRejected || !refreshes) return await postpone(core, entry)
    const outcome = await tokens.ask(entry)
    const run = entries.running(scope, entryId)
    if (outcome.type === 'refused') {
      // A loaded entry finds out by itself who must act.
      if (run?.live == null)
        await flows.starting.require(entry, { reason: 'invalid_auth', rejected: true }, ENGINE)
    } else if (outcome.type === 'fresh') await postpone(core, outcome.value.entry)
    if (run === undefined) tokens.release(scope, entryId)
  } catch (error) {
    // Another process has removed it, or it is in the attention list.
    if (!(error instanceof UnknownEntryError || error instanceof UnreadableRecordError)) throw error
  }
}

/** Makes a refresh due later, unless the entry has changed since. */
async function postpone({ store, clock }: Core, entry: EntryRecord): Promise<void> {
  const { scope, refreshAt, revision: ifRevision } = entry
  if (refreshAt == null || refreshAt > clock.now()) return
  const record = ownEntry({ ...entry, ...laterRefresh(entry, clock.now()), revision: ifRevision + 1 })
  try {
    await store.apply(scope, [{ put: 'entry', record, ifRevision }])
  } catch (error) {
    if (!isConflict(error, 'entry')) throw error
  }
}
