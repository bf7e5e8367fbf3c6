import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import { EntryVersionError, UnknownEntryError } from '../../errors.ts'
import type { AuditDetail } from '../../ports/history.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { isFoundKey, textsIn } from '../integrations/values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'
import { audit } from './audit.ts'
import { checkEntry, isLeased, ownEntry, withoutSetupFailure } from './entry-record.ts'
import { haveSameVersions, isOlder, versionMisfit } from './entry-versions.ts'
import { lostGrants } from './lost-grants.ts'
import { findByKey, matchKeysOf } from './match-keys.ts'
import { MigrationFailedError, migrateEntry } from './migrate-entry.ts'
import { migratedSubentries, openEntry, originalOf } from './migrated-record.ts'
import type { RemovalPut } from './removal-record.ts'
import { refreshing, withoutRefresh } from './without-refresh.ts'

/** The new record of an entry, and its history row. */
interface Change {
  readonly next: EntryRecord
  /** The removals of the grants that the entry loses. */
  readonly removals?: readonly RemovalPut[]
  readonly history?: {
    readonly kind: 'entry_migrated' | 'migration_failed'
    readonly code: string
    readonly detail?: AuditDetail
  }
}

/** Computes a change. `isTaken`: another entry has the unique id of the last one. Null to change nothing. */
type ChangeOf = (now: EntryRecord, taken: { readonly isTaken: boolean }) => Promise<Change | null>

/** Returns the change that clears the path of a migration error; empty without one. */
const withoutPath = ({ migrationPath }: EntryRecord): { readonly migrationPath?: null } =>
  migrationPath == null ? {} : { migrationPath: null }

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
    const { fullForm, steps } = compiled
    const migrated = isOlder(compiled, entry) ? await this.#migrate(compiled, entry) : entry
    const replacesAllFields =
      (source === 'reconfigure' || source === 'replace') &&
      steps.get(source)?.order.length === fullForm.order.length
    const misfit = versionMisfit(compiled, migrated)
    if (misfit === null || (replacesAllFields && misfit.version < misfit.supported)) return migrated
    throw new EntryVersionError(entry.entryId, misfit.version, misfit.supported)
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
      if (isSettled || !haveSameVersions(now, entry)) return null
      return { next: { ...rest, ...withoutPath(now), migrationError: null } }
    })
    return confirmed !== null && haveSameVersions(confirmed, entry) ? confirmed : null
  }

  /**
   * Restores the original values. @returns false if no original is stored, because the migrated values have been
   * verified
   */
  async restore(entry: EntryRecord, code: string): Promise<boolean> {
    const restored = await this.#write(entry, async ({ previous, matchKey: _, ...now }, { isTaken }) => {
      if (previous?.why !== 'migrated') return null
      const { why: _why, subentries: items, ...original } = previous
      // An entry never loses the revision of its sub-entries, even if it has none any more.
      const subentries = items && now.subentries && { ...items, revision: now.subentries.revision + 1 }
      const next = {
        ...now,
        ...original,
        ...(subentries && { subentries }),
        ...withoutSetupFailure(entry),
        ...withoutPath(now),
        migrationError: code,
      }
      const history = { kind: 'migration_failed', code } as const
      if (!isTaken) return { next, history }
      // Another entry has taken the original unique id since. This one keeps the migrated id.
      const { uniqueId } = now
      const sealed = await sealSecrets(this.#core, { ...next, uniqueId }, await openSecrets(this.#core, next))
      return { next: { ...next, uniqueId, sealed }, history }
    })
    return restored !== null && !haveSameVersions(restored, entry)
  }

  /** Migrates an entry while no process refreshes its token. */
  async #migrate(compiled: Compiled, entry: EntryRecord): Promise<EntryRecord> {
    const change: ChangeOf = async (now, { isTaken }) =>
      isOlder(compiled, now) ? this.#migration(compiled, now, isTaken) : null
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
  async #migration(compiled: Compiled, now: EntryRecord, isTaken: boolean): Promise<Change | null> {
    const { version } = now
    // A process of an earlier version has the right in the record of the entry.
    if (isLeased(this.#core, now.lease)) throw refreshing()
    const opened = await openEntry(this.#core, now)
    try {
      const migrated = migrateEntry(compiled, opened, this.#core.limits.subentries)
      const { uniqueId, data } = migrated
      if (isTaken)
        throw new MigrationFailedError('identity_taken', 'Another entry has the migrated unique id.', {
          path: '/uniqueId',
        })
      const { matchKey: before, ...rest } = now
      const place = { core: this.#core, scope: now.scope, compiled }
      const values = { ...data, ...migrated.secrets }
      const [ofValues, ...otherKeys] = before === undefined ? [] : await matchKeysOf(place, values)
      const isHeld = (await findByKey(this.#core, now, otherKeys)) !== undefined
      const matchKey = isFoundKey(before) ? before : isHeld ? undefined : ofValues
      const next: EntryRecord = {
        ...rest,
        ...(matchKey !== undefined && { matchKey }),
        uniqueId,
        data,
        sealed: await sealSecrets(this.#core, { ...now, uniqueId, data }, migrated.secrets),
        options: migrated.options,
        ...(await migratedSubentries(this.#core, compiled, { now, opened, migrated })),
        version: migrated.version,
        ...withoutPath(now),
        migrationError: null,
      }
      const previous = originalOf(now, next)
      const { previous: _, ...kept } = now
      const code = version === next.version ? 'subentries' : `${version}→${next.version}`
      const removals = lostGrants(this.#core, now, kept)
      return { next: { ...next, previous }, history: { kind: 'entry_migrated', code }, removals }
    } catch (error) {
      if (!(error instanceof MigrationFailedError)) throw error
      const { scope, entryId, domain } = now
      const { failure: code, path } = error
      const secrets = textsIn([opened.secrets, ...opened.subentries.map((subentry) => subentry.secrets)])
      const fields = { scope, entryId, domain, code, error: loggedError(error, secrets) }
      this.#core.log.error(fields, 'An entry could not be migrated.')
      // The same failure is recorded once, not at every start.
      if (now.migrationError === code && (now.migrationPath ?? null) === path) return null
      return {
        next: {
          ...now,
          ...withoutSetupFailure(now),
          ...withoutPath(now),
          ...(path !== null && { migrationPath: path }),
          migrationError: code,
        },
        history: { kind: 'migration_failed', code, ...(path !== null && { detail: { field: path } }) },
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
    change: ChangeOf,
    lease: HeldLease | null = null,
  ): Promise<EntryRecord | null> {
    const { store, clock, events } = this.#core
    const { scope, entryId, domain } = entry
    let matchKeyIsFree = true
    let identityIsTaken = false
    for (let now = entry; ; ) {
      const changed = await change(now, { isTaken: identityIsTaken })
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
          ...(changed.removals ?? []),
          ...(lease === null ? [] : [lease.end]),
        ])
      } catch (error) {
        if (isTaken(error, 'exclusive')) {
          // After the migration, two entries have the same match key. Both remain, and the other entry holds the key.
          matchKeyIsFree = false
          continue
        }
        if (isTaken(error, 'identity')) {
          identityIsTaken = true
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
