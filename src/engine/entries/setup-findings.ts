import type { EntryRecord } from '../../ports/store.ts'
import type { SetupExplanation } from '../connections/explained.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { Flows } from '../flows/flows.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { jsonEqual } from '../lib/json.ts'
import { loggedError } from '../lib/redact.ts'
import { Attempts } from '../login-budget/attempts.ts'
import { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { audit } from '../records/audit.ts'
import { isReadable, ownEntry, withoutSetupFailure } from '../records/entry-record.ts'
import { isUnverified, type Migration } from '../records/migration.ts'

type EntryName = Pick<EntryRecord, 'scope' | 'entryId'>

/** Whether the result of the last setup is in the attention list. */
const needsUser = ({ setupFailure, identityHeldBy }: EntryRecord): boolean =>
  setupFailure?.retryAt === null || identityHeldBy != null

/** A setup that failed. */
export interface FailedAttempt {
  readonly reason: string
  /** The number of attempts that failed in a row, with this one. */
  readonly tries: number
  /** The time of the next attempt (ms since the epoch); null if retrying does not help. */
  readonly retryAt: number | null
  /** Whether this process retries without a call. */
  readonly retriesItself: boolean
  /** The explanation of the integration. Absent without one. */
  readonly explained?: SetupExplanation
}

/** Records the results of a setup. If that fails, the connection works anyway, and the next setup records them. */
export class SetupFindings {
  readonly #core: Core
  readonly #flows: Flows
  readonly #migration: Migration

  constructor(core: Core, flows: Flows, migration: Migration) {
    this.#core = core
    this.#flows = flows
    this.#migration = migration
  }

  /**
   * Deletes the original values and the migration error after a setup with the migrated values.
   *
   * @returns the stored entry; null if another process has restored the original
   */
  async confirmMigration(entry: EntryRecord): Promise<EntryRecord | null> {
    if (!isUnverified(entry) && entry.migrationError === null) return entry
    try {
      return await this.#migration.confirm(entry)
    } catch (error) {
      this.#warn('A migration could not be completed.', entry, error)
      return entry
    }
  }

  /** Clears the reauthentication, because the rejected credential works again, and ends its flow. */
  async repair(entry: EntryRecord, who: string): Promise<void> {
    const { store, clock, events } = this.#core
    const { scope, entryId } = entry
    const at = clock.now()
    const revision = entry.revision + 1
    const record: EntryRecord = { ...entry, revision, reauth: null, rejectedRevision: null, updatedAt: at }
    try {
      const endings = await this.#flows.endingsOf(scope, entryId, 'entryRepaired')
      const attempts = await Attempts.read(this.#core, { ...entry, principal: who })
      await store.apply(scope, [
        { put: 'entry', record, ifRevision: entry.revision },
        ...endings.writes,
        audit({ scope, at, who, entryId, kind: 'reauth_repaired', revision }),
        ...attempts.clear(),
      ])
      endings.announce()
      events.emit('attention_changed', { scope, entryId })
    } catch (error) {
      this.#warn('A repair could not be recorded.', entry, error)
    }
  }

  /**
   * Records a setup that succeeded: the expiration time of the credential, and the other entry of the account. Clears the
   * failure of an earlier one. Writes nothing if that is stored already.
   */
  async recordSuccess(
    { scope, entryId }: EntryName,
    { expiresAt, account, namesAccount, address }: LiveConnection,
    heldBy: string | null,
  ): Promise<void> {
    const warning = 'The result of a setup could not be recorded.'
    await this.#update({ scope, entryId }, warning, (stored) => ({
      ...(expiresAt !== undefined && (stored.expiresAt ?? null) !== expiresAt && { expiresAt }),
      // A title does not cause a write, because it can change with each setup.
      ...(namesAccount && stored.account !== account && { account }),
      ...(address !== null && stored.address !== address && { address }),
      ...((stored.identityHeldBy ?? null) !== heldBy && { identityHeldBy: heldBy }),
      ...withoutSetupFailure(stored),
    }))
  }

  /**
   * Records why a setup failed, unless the credential has changed since. An entry that retries by itself writes only a new
   * reason: no process needs the time of its next attempt.
   */
  async recordFailure(entry: EntryRecord, failure: FailedAttempt): Promise<void> {
    const { reason, tries, retryAt, retriesItself, explained } = failure
    await this.#update(entry, 'The failure of a setup could not be recorded.', (stored) => {
      if (stored.credentialRevision !== entry.credentialRevision) return {}
      const before = stored.setupFailure ?? null
      const isSame =
        before?.reason === reason &&
        (before.retryAt === null) === (retryAt === null) &&
        jsonEqual(before.explained ?? null, explained ?? null)
      if (isSame && (retriesItself || (before.tries === tries && before.retryAt === retryAt))) return {}
      const since = before?.since ?? this.#core.clock.now()
      return {
        setupFailure: { reason, since, tries, retryAt, ...(explained !== undefined && { explained }) },
      }
    })
  }

  /** Changes an entry, unless there is nothing to change. Repeats it if another process has changed the entry. */
  async #update(
    { scope, entryId }: EntryName,
    warning: string,
    change: (stored: EntryRecord) => Partial<EntryRecord>,
  ): Promise<void> {
    const { store, events } = this.#core
    try {
      for (;;) {
        const stored = await store.getEntry(scope, entryId)
        if (stored === undefined || !isReadable(stored)) return
        const changes = change(stored)
        if (Object.keys(changes).length === 0) return
        const { domain, revision: ifRevision } = stored
        const revision = ifRevision + 1
        const record = ownEntry({ ...stored, ...changes, revision })
        try {
          await store.apply(scope, [{ put: 'entry', record, ifRevision }])
        } catch (error) {
          if (isConflict(error, 'entry')) continue
          throw error
        }
        events.emit('entry_updated', { scope, entryId, domain, revision })
        const isListed = needsUser(stored) || needsUser(record)
        if (isListed || 'expiresAt' in changes) events.emit('attention_changed', { scope, entryId })
        return
      }
    } catch (error) {
      this.#warn(warning, { scope, entryId }, error)
    }
  }

  /** Counts a retry of a rejected credential before the login. Returns false if the budget allows none. */
  async claimRetry(entry: EntryRecord, who: string): Promise<boolean> {
    const attempts = await new AttemptsGate(this.#core).reserve({ ...entry, principal: who })
    return attempts.claim()
  }

  /** Removes the claim of a retry that the service did not refuse. @throws StoreError */
  async releaseRetry(entry: EntryRecord, who: string, until: number | undefined): Promise<void> {
    const attempts = await Attempts.read(this.#core, { ...entry, principal: who })
    await attempts.apply((current) => current.release(until))
  }

  /** Logs that a setup met another unique id than the stored one: a new one of the account, or another account. */
  logIdentity(before: EntryRecord, after: EntryRecord, live: LiveConnection): void {
    const { scope, entryId, domain } = before
    const fields = {
      scope,
      entryId,
      domain,
      storedUniqueId: live.redactedId(before.uniqueId),
      reportedUniqueId: live.redactedId(live.uniqueId),
    }
    if (after.uniqueId === live.uniqueId)
      this.#core.log.info(fields, 'An entry took the unique id that the service reports.')
    else this.#core.log.warn(fields, 'The service reports another unique id than the stored one.')
  }

  #warn(message: string, { scope, entryId }: EntryName, error: unknown): void {
    this.#core.log.warn({ scope, entryId, error: loggedError(error) }, message)
  }
}
