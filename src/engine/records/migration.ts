import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import { EntryVersionError, StoreError, UnknownEntryError } from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { matchKeyOf } from '../integrations/match-key.ts'
import { textsIn } from '../integrations/secret-values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'
import { audit } from './audit.ts'
import { checkEntry, ownEntry } from './entry-record.ts'
import { ChainBrokenError, migrateValues } from './migrate-values.ts'
import { restorePointOf } from './restore-point.ts'

/** An entry's next row, and what its history says of it. */
interface Change {
  readonly next: EntryRecord
  readonly told?: { readonly kind: 'entry_migrated' | 'migration_failed'; readonly code: string }
}

/** Whether an entry has not been set up yet with what it was brought to. */
export const isUnverified = ({ previous }: EntryRecord): boolean => previous?.why === 'migrated'

/** Brings entries to the version of their integration; the original is kept until an entry has been set up. */
export class Migration {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /**
   * The entry at the version of its integration. For a flow that asks for every field, an older one will do: nothing of
   * it is kept.
   *
   * @throws EntryVersionError where it cannot be brought there, UnknownEntryError
   */
  async current(entry: EntryRecord, source?: ConfigFlowSource): Promise<EntryRecord> {
    const compiled = methodOf(integrationOf(this.#core, entry.domain), entry.method)
    const { version, fullForm, steps } = compiled
    const reached = entry.version < version ? await this.#bring(compiled, entry) : entry
    const asksForAll =
      (source === 'reconfigure' || source === 'replace') &&
      steps.get(source)?.order.length === fullForm.order.length
    if (reached.version === version || (asksForAll && reached.version < version)) return reached
    throw new EntryVersionError(entry.entryId, reached.version, version)
  }

  /**
   * The entry has been set up with what it holds now: the original is let go.
   *
   * @returns the entry as it is stored; null where somebody else has brought it to another version, or removed it
   */
  async prove(entry: EntryRecord): Promise<EntryRecord | null> {
    const proven = await this.#write(entry, async (now) => {
      const { previous: _, ...rest } = now
      const isSettled = !isUnverified(now) && now.migrationError === null
      return isSettled || now.version !== entry.version ? null : { next: { ...rest, migrationError: null } }
    })
    return proven?.version === entry.version ? proven : null
  }

  /** Puts the original back. @returns false where there is none any more: what the entry holds has been proven */
  async restore(entry: EntryRecord, code: string): Promise<boolean> {
    const restored = await this.#write(entry, async ({ previous, matchKey: _, ...now }) => {
      if (previous?.why !== 'migrated') return null
      const { why: _why, ...original } = previous
      return {
        next: { ...now, ...original, migrationError: code },
        told: { kind: 'migration_failed', code },
      }
    })
    return restored !== null && restored.version !== entry.version
  }

  async #bring(compiled: Compiled, entry: EntryRecord): Promise<EntryRecord> {
    const reached = await this.#write(entry, async (now) =>
      now.version < compiled.version ? this.#migrated(compiled, now) : null,
    )
    if (reached === null) throw new UnknownEntryError(entry.entryId)
    return reached
  }

  async #migrated(compiled: Compiled, now: EntryRecord): Promise<Change | null> {
    const { version, options } = now
    if (now.lease != null && now.lease.until > this.#core.clock.now()) {
      throw new StoreError('The token of the entry is being renewed. It is migrated once that has ended.')
    }
    const secrets = await openSecrets(this.#core, now)
    try {
      const made = migrateValues(compiled, { version, data: now.data, secrets, options })
      const { matchKey: before, ...rest } = now
      const matchKey = before && (await matchKeyOf(compiled, made.data))
      const next: EntryRecord = {
        ...rest,
        ...(matchKey !== undefined && { matchKey }),
        data: made.data,
        sealed: await sealSecrets(this.#core, { ...now, data: made.data }, made.secrets),
        options: made.options,
        version: made.version,
        migrationError: null,
        // What a reconfiguration replaced was not proven either, but it is what replaced it that is migrated.
        previous:
          now.previous?.why === 'migrated' ? now.previous : { why: 'migrated', ...restorePointOf(now) },
      }
      return { next, told: { kind: 'entry_migrated', code: `${version}→${made.version}` } }
    } catch (error) {
      if (!(error instanceof ChainBrokenError)) throw error
      const { scope, entryId, domain } = now
      const { failure: code } = error
      const fields = { scope, entryId, domain, code, error: loggedError(error, textsIn(secrets)) }
      this.#core.log.error('An entry could not be migrated.', fields)
      // Said once: the same failure is not written again at every start.
      if (now.migrationError === code) return null
      return { next: { ...now, migrationError: code }, told: { kind: 'migration_failed', code } }
    }
  }

  /** Writes what becomes of the entry as it is stored. @returns the entry afterwards; null where it was removed */
  async #write(
    entry: EntryRecord,
    change: (now: EntryRecord) => Promise<Change | null>,
  ): Promise<EntryRecord | null> {
    const { store, clock, events } = this.#core
    const { scope, entryId, domain } = entry
    let isAlone = true
    for (let now = entry; ; ) {
      const made = await change(now)
      if (made === null) return now
      const at = clock.now()
      const revision = now.revision + 1
      const { matchKey, ...rest } = made.next
      const only = matchKey !== undefined && isAlone && { matchKey }
      const record = ownEntry({ ...rest, ...only, revision, updatedAt: at })
      const row = made.told && audit({ scope, at, who: ENGINE, entryId, ...made.told, revision })
      try {
        await store.apply(scope, [
          { put: 'entry', record, ifRevision: now.revision },
          ...(row === undefined ? [] : [row]),
        ])
      } catch (error) {
        if (isTaken(error, 'exclusive')) {
          // Two entries have come to match: both go on, and the other is the one that a third would match.
          isAlone = false
          continue
        }
        if (!isConflict(error, 'entry')) throw error
        const stored = await store.getEntry(scope, entryId)
        if (stored === undefined) return null
        now = checkEntry(stored)
        continue
      }
      events.emit('entry_updated', { scope, entryId, domain, revision })
      if (now.migrationError !== record.migrationError) events.emit('attention_changed', { scope, entryId })
      return record
    }
  }
}
