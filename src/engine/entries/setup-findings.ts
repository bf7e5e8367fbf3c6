import type { EntryRecord } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import type { Flows } from '../flows/flows.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { Attempts } from '../login-budget/attempts.ts'
import { audit } from '../records/audit.ts'
import { ownEntry } from '../records/entry-record.ts'
import { isUnverified, type Migration } from '../records/migration.ts'

type Named = Pick<EntryRecord, 'scope' | 'entryId'>

/** Records the findings of a setup. If that fails, the connection works anyway, and the next setup repeats it. */
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
   * Clears the migration error and deletes the original, because the entry has loaded at its version.
   *
   * @returns the entry as it is stored; null where another process has put the original back
   */
  async prove(entry: EntryRecord): Promise<EntryRecord | null> {
    if (!isUnverified(entry) && entry.migrationError === null) return entry
    try {
      return await this.#migration.confirm(entry)
    } catch (error) {
      this.#warn('A migration could not be completed.', entry, error)
      return entry
    }
  }

  /** Clears the need and ends its flow, because the refused credential works again. */
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

  /** The service may say another end of the credential than it did before. */
  async keepEnd({ scope, entryId }: Named, { expiresAt }: LiveConnection): Promise<void> {
    const { store, events } = this.#core
    const stored = await store.getEntry(scope, entryId)
    if (stored === undefined || expiresAt === undefined || (stored.expiresAt ?? null) === expiresAt) return
    const record = ownEntry({ ...stored, expiresAt, revision: stored.revision + 1 })
    try {
      await store.apply(scope, [{ put: 'entry', record, ifRevision: stored.revision }])
      events.emit('attention_changed', { scope, entryId })
    } catch (error) {
      this.#warn('The end of a credential could not be recorded.', stored, error)
    }
  }

  /** One more try of a refused credential has failed, too. @throws StoreError */
  async countRetry(entry: EntryRecord, who: string, { error, until }: CallFailed): Promise<void> {
    const attempts = await Attempts.read(this.#core, { ...entry, principal: who })
    const writes = attempts.count(error, until)
    if (writes.length > 0) await this.#core.store.apply(entry.scope, writes)
  }

  #warn(message: string, { scope, entryId }: Named, error: unknown): void {
    this.#core.log.warn(message, { scope, entryId, error: loggedError(error) })
  }
}
