import type { RestoreEntryResult, TryEntryResult } from '../../../machines/flow-result.ts'
import type { EntryRecord, FlowRecord, Write } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { continuedRecordOf } from '../flow-state/flow-record.ts'
import { methodOf } from '../integrations/compiled.ts'
import { integrationOf } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { audit } from '../records/audit.ts'
import { checkEntry, ownEntry, withoutSetupFailure } from '../records/entry-record.ts'
import { assertUnmatched, storedMatchKeysOf } from '../records/match-keys.ts'
import { present } from '../statecharts/actors.ts'
import type { FlowCommit } from './commit.ts'
import type { EntryHost } from './entry-host.ts'

/** The reasons of a failed setup that the form shows. Others are shown as `unknown`. */
const shown: ReadonlySet<string | null> = new Set([
  'cannot_connect',
  'invalid_auth',
  'timeout',
  'rate_limited',
  'wrong_account',
  'setup_error',
])

/** Reloads an entry with its new values. Closes the connection that verified them first. */
export async function tryEntry(
  host: EntryHost,
  entry: EntryRecord,
  live: LiveConnection,
): Promise<TryEntryResult> {
  await live.close()
  await host.reloadStored(entry)
  const { scope, entryId } = entry
  if (host.stateOf(scope, entryId) === 'loaded') return { type: 'running' }
  const explained = host.explanationOf(scope, entryId)
  if (explained !== undefined) {
    const { code: error, params } = explained
    return { type: 'failed', error, ...(params !== undefined && { params }) }
  }
  const reason = host.reasonOf(scope, entryId)
  return { type: 'failed', error: reason != null && shown.has(reason) ? reason : 'unknown' }
}

/** Restores the previous values of an entry and reloads it. `opened`: the record of the flow before its work. @throws StoreError */
export async function restoreEntry(
  commit: FlowCommit,
  host: EntryHost,
  opened: FlowRecord,
): Promise<RestoreEntryResult> {
  const { core, principal: who } = commit
  const { scope, entryId, credentialRevision: replaced } = present(commit.entry)
  for (;;) {
    const stored = await core.store.getEntry(scope, entryId)
    if (stored === undefined) return { type: 'missing' }
    const { previous, matchKey: _, ...now } = checkEntry(stored)
    if (now.disabled) return { type: 'disabled' }
    if (previous?.why !== 'reconfigured' || now.credentialRevision !== replaced) {
      return { type: 'changed' }
    }
    const at = core.clock.now()
    const { why: _why, options: _options, rejected, ...restored } = previous
    const credentialRevision = now.credentialRevision + 1
    const revision = now.revision + 1
    const entry = ownEntry({
      ...now,
      ...restored,
      credentialRevision,
      revision,
      updatedAt: at,
      rejectedRevision: rejected ? credentialRevision : null,
      // It was a failure of the replaced values.
      ...withoutSetupFailure(now),
    })
    const { flow } = commit
    const { flowId } = flow
    // If another process continues the flow, it must know the new revision of the credential. The flow has its grant again.
    const next = continuedRecordOf({ ...opened, revision: flow.revision }, entry, at)
    const flowWrites: readonly Write[] = commit.superseded
      ? []
      : [{ put: 'flow', record: next, ifRevision: flow.revision }, ...commit.leaseWrites(false)]
    const code = previous.reauth?.reason ?? null
    const row = audit({ scope, at, who, entryId, flowId, kind: 'credential_restored', code, revision })
    commit.written = {
      entry,
      flow: commit.superseded ? flow : next,
      end: null,
      done: async () => {
        core.events.emit('entry_updated', { scope, entryId, domain: entry.domain, revision })
        core.events.emit('attention_changed', { scope, entryId })
        await host.reloadStored(entry)
      },
    }
    try {
      const compiled = methodOf(integrationOf(core, entry.domain), entry.method)
      const keys =
        entry.matchKey === undefined ? [] : await storedMatchKeysOf({ core, scope, compiled }, entry)
      const others = keys.filter((key) => key !== entry.matchKey)
      await assertUnmatched(core, entry, others)
      await core.store.apply(scope, [
        { put: 'entry', record: entry, ifRevision: now.revision },
        ...flowWrites,
        row,
      ])
    } catch (error) {
      // Another process has ended the flow. The values are restored anyway.
      if (isConflict(error, 'flow')) commit.supersede()
      else if (isTaken(error, 'identity') || isTaken(error, 'exclusive')) return { type: 'taken' }
      else if (!isConflict(error, 'entry')) throw error
      continue
    }
    await commit.saved(commit.written)
    return { type: 'restored', credentialRevision }
  }
}
