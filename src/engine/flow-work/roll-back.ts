import type { RestoreEntryResult, TryEntryResult } from '../../../machines/flow-result.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { continuedRecordOf } from '../flow-state/flow-record.ts'
import { isConflict } from '../lib/conflicts.ts'
import { audit } from '../records/audit.ts'
import { checkEntry, ownEntry } from '../records/entry-record.ts'
import type { FlowCommit } from './commit.ts'
import type { EntryHost } from './entry-host.ts'

/** Why an entry does not run, where a form can say so. */
const shown: ReadonlySet<string | null> = new Set([
  ...['cannot_connect', 'invalid_auth', 'timeout', 'rate_limited', 'wrong_account'],
])

/** Sets an entry up with what was saved for it; the connection that proved it is closed first. */
export async function tryEntry(
  host: EntryHost,
  entry: EntryRecord,
  live: LiveConnection,
): Promise<TryEntryResult> {
  await live.close()
  await host.reloadStored(entry)
  const { scope, entryId } = entry
  if (host.stateOf(scope, entryId) === 'loaded') return { type: 'running' }
  const reason = host.reasonOf(scope, entryId)
  return { type: 'failed', error: reason !== null && shown.has(reason) ? reason : 'unknown' }
}

/** Puts back what a flow has replaced, and has the entry run with it again. @throws StoreError */
export async function restoreEntry(
  commit: FlowCommit,
  host: EntryHost,
  replaced: EntryRecord,
): Promise<RestoreEntryResult> {
  const { core, principal: who } = commit
  const { scope, entryId } = replaced
  for (;;) {
    const stored = await core.store.getEntry(scope, entryId)
    if (stored === undefined) return { type: 'missing' }
    const { previous, matchKey: _, ...now } = checkEntry(stored)
    if (now.disabled) return { type: 'disabled' }
    if (previous?.why !== 'reconfigured' || now.credentialRevision !== replaced.credentialRevision) {
      return { type: 'changed' }
    }
    const at = core.clock.now()
    const { why: _why, options: _options, rejected, ...held } = previous
    const credentialRevision = now.credentialRevision + 1
    const revision = now.revision + 1
    const entry = ownEntry({
      ...{ ...now, ...held, credentialRevision, revision, updatedAt: at },
      rejectedRevision: rejected ? credentialRevision : null,
    })
    const { flow } = commit
    const { flowId } = flow
    // Whoever goes on with the flow after the end of this process changes what is put back.
    const next = continuedRecordOf(flow, entry, at)
    const moving: readonly Write[] = commit.superseded
      ? []
      : [{ put: 'flow', record: next, ifRevision: flow.revision }]
    const row = audit({ scope, at, who, entryId, flowId, kind: 'credential_restored', revision })
    try {
      await core.store.apply(scope, [
        { put: 'entry', record: entry, ifRevision: now.revision },
        ...moving,
        row,
      ])
    } catch (error) {
      // Somebody else has ended the flow: what it replaced is put back all the same.
      if (isConflict(error, 'flow')) commit.supersede()
      else if (!isConflict(error, 'entry')) throw error
      continue
    }
    if (!commit.superseded) commit.flow = next
    core.events.emit('entry_updated', { scope, entryId, domain: entry.domain, revision })
    core.events.emit('attention_changed', { scope, entryId })
    await host.reloadStored(entry)
    return { type: 'restored', credentialRevision }
  }
}
