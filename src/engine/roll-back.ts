import type { RestoreEntryResult, TryEntryResult } from '../../machines/flow-result.ts'
import type { EntryRecord } from '../ports/store.ts'
import { audit } from './audit.ts'
import { isConflict } from './conflict.ts'
import type { LiveConnection } from './connection.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry, ownEntry } from './entry-record.ts'
import type { FlowCommit } from './flow-commit.ts'

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
  { core, flow, principal: who }: FlowCommit,
  host: EntryHost,
  replaced: EntryRecord,
): Promise<RestoreEntryResult> {
  const { scope, entryId } = replaced
  for (;;) {
    const stored = await core.store.getEntry(scope, entryId)
    if (stored === undefined) return { type: 'missing' }
    const { previous, exclusive: _, ...now } = checkEntry(stored)
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
    const { flowId } = flow
    const row = audit({ scope, at, who, entryId, flowId, kind: 'credential_restored', revision })
    try {
      await core.store.apply(scope, [{ put: 'entry', record: entry, ifRevision: now.revision }, row])
    } catch (error) {
      if (!isConflict(error, 'entry')) throw error
      continue
    }
    core.events.emit('entry_updated', { scope, entryId, domain: entry.domain, revision })
    core.events.emit('attention_changed', { scope, entryId })
    await host.reloadStored(entry)
    return { type: 'restored', credentialRevision }
  }
}
