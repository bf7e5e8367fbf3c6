import { SlotTakenError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { ownEntry } from '../records/entry-record.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'

/**
 * Updates an entry after a successful setup: deletes the values before a reconfiguration, and adopts the unique id of
 * the connection if the entry has none and the integration allows it.
 *
 * @returns the stored entry; null if another entry has that unique id
 * @throws StoreError, RevisionConflictError if the unique id could not be adopted. The connection is then closed
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
  const isVerified = live.uniqueId === uniqueId && entry.previous?.why === 'reconfigured'
  if (!isAdopted && !isVerified) return entry
  // The previous values are encrypted for the old unique id, so they are deleted.
  const { previous: _, ...rest } = entry
  const revision = entry.revision + 1
  try {
    const sealed = isAdopted
      ? await sealSecrets(core, { ...entry, uniqueId }, await openSecrets(core, entry))
      : entry.sealed
    const updated = ownEntry({ ...rest, uniqueId, sealed, revision, updatedAt: core.clock.now() })
    await core.store.apply(scope, [{ put: 'entry', record: updated, ifRevision: entry.revision }])
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
    return updated
  } catch (error) {
    if (error instanceof SlotTakenError) return null
    if (isAdopted) {
      await live.close()
      throw error
    }
    // The connection works anyway. The next setup writes the change.
    const fields = { scope, entryId, domain, error: loggedError(error) }
    core.log.warn('The result of a setup could not be recorded.', fields)
    return entry
  }
}
