import { SlotTakenError } from '../../errors.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { ignoredHolder, removal } from '../flow-work/commit-writes.ts'
import type { Flows } from '../flows/flows.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { ownEntry } from '../records/entry-record.ts'
import { lostGrants } from '../records/lost-grants.ts'
import { refreshing, withoutRefresh } from '../records/without-refresh.ts'
import { beginRemovals } from '../removals/removals.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'

/** The entry after a successful setup. */
export interface Adopted {
  readonly entry: EntryRecord
  /** The other entry that has the unique id of the connection; null without one. */
  readonly heldBy: string | null
}

interface Parts {
  readonly core: Core
  readonly flows: Flows
}

/**
 * Updates an entry after a successful setup. It takes the unique id of the connection if it has none and the
 * integration allows it, or if its own is a former one of the account. Otherwise the values before a reconfiguration
 * are deleted.
 *
 * @throws StoreError, RevisionConflictError if the unique id could not be saved now. The connection is then closed
 */
export async function adoptIdentity(
  parts: Parts,
  entry: EntryRecord,
  live: LiveConnection,
): Promise<Adopted> {
  const { core } = parts
  const uniqueId = identityAfter(core, entry, live)
  if (uniqueId !== entry.uniqueId) {
    try {
      const saved = await withoutRefresh(core, entry, (lease) => saveIdentity(parts, entry, uniqueId, lease))
      if (saved === null) throw refreshing()
      return saved
    } catch (error) {
      await live.close()
      throw error
    }
  }
  const unchanged = { entry, heldBy: null }
  if (live.uniqueId !== uniqueId || entry.previous?.why !== 'reconfigured') return unchanged
  const { scope, entryId, domain } = entry
  const { previous: _, ...rest } = entry
  const revision = entry.revision + 1
  const updated = ownEntry({ ...rest, revision, updatedAt: core.clock.now() })
  const removals = lostGrants(core, entry, updated)
  try {
    await core.store.apply(scope, [
      { put: 'entry', record: updated, ifRevision: entry.revision },
      ...removals,
    ])
  } catch (error) {
    // The connection works anyway. The next setup writes the change.
    const fields = { scope, entryId, domain, error: loggedError(error) }
    core.log.warn(fields, 'The result of a setup could not be recorded.')
    return unchanged
  }
  beginRemovals(core, removals)
  core.events.emit('entry_updated', { scope, entryId, domain, revision })
  return { entry: updated, heldBy: null }
}

/** Returns the unique id that an entry has after a connection of its account. */
function identityAfter(core: Core, { uniqueId, domain }: EntryRecord, live: LiveConnection): string | null {
  if (uniqueId === null) return integrationOf(core, domain).facts.adoptsIdentity ? live.uniqueId : null
  return live.formerUniqueIds.includes(uniqueId) ? live.uniqueId : uniqueId
}

/**
 * Saves the unique id of an entry, with its secrets encrypted for it. An ignored entry of that id is removed, and its
 * open discoveries end in the same write. If another entry has the id, nothing changes.
 */
async function saveIdentity(
  { core, flows }: Parts,
  entry: EntryRecord,
  uniqueId: string | null,
  lease: HeldLease,
): Promise<Adopted> {
  const { scope, entryId, domain, revision: ifRevision } = entry
  const at = core.clock.now()
  const revision = ifRevision + 1
  // The connection has verified the values. The previous ones are encrypted for the old unique id.
  const { previous: _, ...rest } = entry
  const sealed = await sealSecrets(core, { ...entry, uniqueId }, await openSecrets(core, entry))
  const removals = lostGrants(core, entry, ownEntry(rest))
  for (let ignored: EntryRecord | null = null; ; ) {
    const updated = ownEntry({ ...rest, uniqueId, sealed, revision, updatedAt: at })
    const { endings, writes } = await flows.claims.settledBy({ scope, domain, flowId: '' }, updated)
    const all: readonly Write[] = [
      ...(ignored === null ? [] : removal(ignored, { scope, at, who: ENGINE, flowId: null })),
      ...writes,
      { put: 'entry', record: updated, ifRevision },
      ...removals,
      lease.end,
    ]
    try {
      await core.store.apply(scope, all)
    } catch (error) {
      // A discovery was opened or has changed.
      if (isConflict(error, 'flow') || isTaken(error, 'held')) continue
      if (!(error instanceof SlotTakenError)) throw error
      ignored = await ignoredHolder(core, scope, error.holder)
      if (ignored === null) return { entry, heldBy: error.holder }
      continue
    }
    lease.forget()
    beginRemovals(core, removals)
    if (ignored !== null) core.events.emit('entry_removed', { scope, entryId: ignored.entryId, domain })
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
    for (const ending of endings) flows.claims.announce(ending)
    return { entry: updated, heldBy: null }
  }
}
