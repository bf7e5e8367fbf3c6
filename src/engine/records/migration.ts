import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import { EntryVersionError, UnknownEntryError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { isFoundKey, matchKeyOf, textsIn } from '../integrations/values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'
import { audit } from './audit.ts'
import { checkEntry, isLeased, ownEntry, restorePointOf, withoutSetupFailure } from './entry-record.ts'
import { MigrationFailedError, migrateValues } from './migrate-values.ts'
import { refreshing, withoutRefresh } from './token-lease.ts'

/** The new record of an entry, and its history row. */
interface Change {
  readonly next: EntryRecord
  readonly history?: { readonly kind: 'entry_migrated' | 'migration_failed'; readonly code: string }
}

/** Whether an entry has not been set up yet with its migrated values. */
export const isUnverified = ({ previous }: EntryRecord): boolean => previous?.why === 'migrated'

/**
 * Migrates entries to the version of their integration. The original values stay in the record until the entry has
 * been set up with the new ones.
 */
export class Migration {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /**
   * Returns the entry at the version of its integration, and migrates it if needed. If that fails, a flow whose form
   * replaces all fields gets the old version.
   *
   * @throws EntryVersionError if it cannot be migrated, UnknownEntryError
   */
  async current(entry: EntryRecord, source?: ConfigFlowSource): Promise<EntryRecord> {
    const compiled = methodOf(integrationOf(this.#core, entry.domain), entry.method)
    const { version, fullForm, steps } = compiled
    const migrated = entry.version < version ? await this.#migrate(compiled, entry) : entry
    const replacesAllFields =
      (source === 'reconfigure' || source === 'replace') &&
      steps.get(source)?.order.length === fullForm.order.length
    if (migrated.version === version || (replacesAllFields && migrated.version < version)) return migrated
    throw new EntryVersionError(entry.entryId, migrated.version, version)
  }

  /**
   * Deletes the original values after the entry has been set up with the migrated ones.
   *
   * @returns the stored entry; null if it was removed, or another process has migrated it to another version
   */
  async confirm(entry: EntryRecord): Promise<EntryRecord | null> {
    const confirmed = await this.#write(entry, async (now) => {
      const { previous: _, ...rest } = now
      const isSettled = !isUnverified(now) && now.migrationError === null
      return isSettled || now.version !== entry.version ? null : { next: { ...rest, migrationError: null } }
    })
    return confirmed?.version === entry.version ? confirmed : null
  }

  /**
   * Restores the original values. @returns false if no original is stored, because the migrated values have been
   * verified
   */
  async restore(entry: EntryRecord, code: string): Promise<boolean> {
    const restored = await this.#write(entry, async ({ previous, matchKey: _, ...now }) => {
      if (previous?.why !== 'migrated') return null
      const { why: _why, ...original } = previous
      return {
        next: { ...now, ...original, ...withoutSetupFailure(entry), migrationError: code },
        history: { kind: 'migration_failed', code },
      }
    })
    return restored !== null && restored.version !== entry.version
  }

  /** Migrates an entry while no process refreshes its token. */
  async #migrate(compiled: Compiled, entry: EntryRecord): Promise<EntryRecord> {
    const change = async (now: EntryRecord) =>
      now.version < compiled.version ? this.#migration(compiled, now) : null
    const migrate = async (lease: HeldLease | null) => {
      const stored = await this.#write(entry, change, lease)
      if (stored === null) throw new UnknownEntryError(entry.entryId)
      return stored
    }
    if (compiled.integration.refresh === undefined) return migrate(null)
    const migrated = await withoutRefresh(this.#core, entry, migrate)
    if (migrated === null) throw refreshing()
    return migrated
  }

  /**
   * Computes the migrated record, or the record with the `migrationError`. Null if the same error is already stored.
   */
  async #migration(compiled: Compiled, now: EntryRecord): Promise<Change | null> {
    const { version, options } = now
    // A process of an earlier version has the right in the record of the entry.
    if (isLeased(this.#core, now.lease)) throw refreshing()
    const secrets = await openSecrets(this.#core, now)
    try {
      const migrated = migrateValues(compiled, { version, data: now.data, secrets, options })
      const { matchKey: before, ...rest } = now
      const matchKey = isFoundKey(before) ? before : before && (await matchKeyOf(compiled, migrated.data))
      const next: EntryRecord = {
        ...rest,
        ...(matchKey !== undefined && { matchKey }),
        data: migrated.data,
        sealed: await sealSecrets(this.#core, { ...now, data: migrated.data }, migrated.secrets),
        options: migrated.options,
        version: migrated.version,
        migrationError: null,
        // The original of a reconfiguration is dropped: the migration starts from the values that replaced it.
        previous:
          now.previous?.why === 'migrated' ? now.previous : { why: 'migrated', ...restorePointOf(now) },
      }
      return { next, history: { kind: 'entry_migrated', code: `${version}→${migrated.version}` } }
    } catch (error) {
      if (!(error instanceof MigrationFailedError)) throw error
      const { scope, entryId, domain } = now
      const { failure: code } = error
      const fields = { scope, entryId, domain, code, error: loggedError(error, textsIn(secrets)) }
      this.#core.log.error(fields, 'An entry could not be migrated.')
      // The same failure is recorded once, not at every start.
      if (now.migrationError === code) return null
      return {
        next: { ...now, ...withoutSetupFailure(now), migrationError: code },
        history: { kind: 'migration_failed', code },
      }
    }
  }

  /**
   * Writes a change, and computes it again if another process has changed the entry. The write ends the lease.
   *
   * @returns the stored entry; null if it was removed
   */
  async #write(
    entry: EntryRecord,
    change: (now: EntryRecord) => Promise<Change | null>,
    lease: HeldLease | null = null,
  ): Promise<EntryRecord | null> {
    const { store, clock, events } = this.#core
    const { scope, entryId, domain } = entry
    let matchKeyIsFree = true
    for (let now = entry; ; ) {
      const changed = await change(now)
      if (changed === null) return now
      const at = clock.now()
      const revision = now.revision + 1
      const { matchKey, ...rest } = changed.next
      const only = matchKey !== undefined && matchKeyIsFree && { matchKey }
      const record = ownEntry({ ...rest, ...only, revision, updatedAt: at })
      const row = changed.history && audit({ scope, at, who: ENGINE, entryId, ...changed.history, revision })
      try {
        await store.apply(scope, [
          { put: 'entry', record, ifRevision: now.revision },
          ...(row === undefined ? [] : [row]),
          ...(lease === null ? [] : [lease.end]),
        ])
      } catch (error) {
        if (isTaken(error, 'exclusive')) {
          // After the migration, two entries have the same match key. Both remain, and the other entry holds the key.
          matchKeyIsFree = false
          continue
        }
        if (!isConflict(error, 'entry')) throw error
        const stored = await store.getEntry(scope, entryId)
        if (stored === undefined) return null
        // The lease is lost: another process refreshes the token.
        if (stored.revision === now.revision) throw refreshing()
        now = checkEntry(stored)
        continue
      }
      lease?.forget()
      events.emit('entry_updated', { scope, entryId, domain, revision })
      if (now.migrationError !== record.migrationError) events.emit('attention_changed', { scope, entryId })
      return record
    }
  }
}
