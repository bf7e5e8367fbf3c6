import { SlotTakenError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { ownEntry } from '../records/entry-record.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'

/**
 * What follows for an entry's row from a set-up that succeeded: what a reconfiguration replaced is let go, and an entry
 * without an identity adopts the one that was proven, where its integration says so.
 *
 * @returns the entry as it is stored; null where another entry has that identity
 * @throws StoreError, RevisionConflictError where an identity could not be adopted; the connection is closed then
 */
export async function adoptIdentity(
  core: Core,
  entry: EntryRecord,
  live: LiveConnection,
): Promise<EntryRecord | null> {
  const { scope, entryId, domain } = entry
  const adopts = entry.uniqueId === null && integrationOf(core, domain).facts.adoptsIdentity
  const uniqueId = adopts ? live.uniqueId : entry.uniqueId
  const isAdopted = uniqueId !== entry.uniqueId
  const isProven = live.uniqueId === uniqueId && entry.previous?.why === 'reconfigured'
  if (!isAdopted && !isProven) return entry
  // What was kept from before is bound to what the entry was then.
  const { previous: _, ...rest } = entry
  const revision = entry.revision + 1
  try {
    const sealed = isAdopted
      ? await sealSecrets(core, { ...entry, uniqueId }, await openSecrets(core, entry))
      : entry.sealed
    const settled = ownEntry({ ...rest, uniqueId, sealed, revision, updatedAt: core.clock.now() })
    await core.store.apply(scope, [{ put: 'entry', record: settled, ifRevision: entry.revision }])
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
    return settled
  } catch (error) {
    if (error instanceof SlotTakenError) return null
    if (isAdopted) {
      await live.close()
      throw error
    }
    // The connection works all the same; the next set-up writes it.
    const fields = { scope, entryId, domain, error: loggedError(error) }
    core.log.warn('What a set-up has proven could not be recorded.', fields)
    return entry
  }
}
