import { Connection } from '../../../machines/draft.ts'
import type { TryAddressResult } from '../../../machines/entry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import type { Call } from '../lib/call.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { checkEntry, ownEntry, withoutSetupFailure } from '../records/entry-record.ts'
import { movedAddress } from '../records/history-detail.ts'
import { findByKey, matchKeysOf } from '../records/match-keys.ts'
import { withoutProposal } from '../records/proposals.ts'
import { openSubentries } from '../records/subentries.ts'
import { withoutRefresh } from '../records/without-refresh.ts'
import { openSecrets, sealSecrets } from '../secrets/vault.ts'

/** The announced address of an entry, if its integration trusts announcements: its values, and a key for them. */
interface Announced {
  readonly key: string
  readonly values: JsonObject
}

/**
 * Returns the announced address that an entry can try. Null for an entry whose credential is rejected or not verified,
 * and for one without a unique id: the account that answers there could not be verified.
 */
function announcedAddress(core: Core, entry: EntryRecord): Announced | null {
  const { proposal, uniqueId, rejectedRevision, credentialRevision, disabled, previous } = entry
  const { discovery } = integrationOf(core, entry.domain).integration
  if (proposal?.followed !== true || discovery?.followAddress !== true) return null
  if (uniqueId === null || disabled || previous !== undefined) return null
  if (rejectedRevision === credentialRevision) return null
  return { key: JSON.stringify(proposal.values), values: proposal.values }
}

/** Connects at the announced address of an entry, and saves or discards it. */
export class AnnouncedAddressActors {
  readonly #core: Core
  readonly #scope: string
  readonly #entryId: string
  /** The credential revision that was sent to the announced address. */
  #sent = 0

  constructor(core: Core, scope: string, entryId: string) {
    this.#core = core
    this.#scope = scope
    this.#entryId = entryId
  }

  /** Returns the key of the announced address, if the entry can try it, for the result of a setup. */
  of(entry: EntryRecord): { readonly announced?: string } {
    const announced = announcedAddress(this.#core, entry)
    return announced === null ? {} : { announced: announced.key }
  }

  /** Connects there with the stored credential. Counts no attempt, and refreshes no token. */
  async try(key: string, call: Call): Promise<TryAddressResult> {
    const core = this.#core
    const found = await this.#find(key)
    if (found === null) return { type: 'withdrawn' }
    const { entry, values: address } = found
    this.#sent = entry.credentialRevision
    const values = { ...entry.data, ...address, ...(await openSecrets(core, entry)) }
    const outcome = await core.connector.connect(integrationOf(core, entry.domain), {
      values,
      options: entry.options,
      subentries: await openSubentries(core, entry),
      call,
    })
    // A challenge needs a user, so it is a refusal.
    if (outcome.type === 'challenged') return { type: 'failed', error: 'invalid_auth' }
    if (outcome.type === 'failed') return { type: 'failed', error: outcome.error }
    const { live } = outcome
    const { uniqueId: expected } = entry
    return { type: 'connected', uniqueId: live.uniqueId, expected, connection: new Connection(live) }
  }

  /**
   * Saves the address after the account of the entry has answered there. Returns null if the entry or the address has
   * changed. @throws StoreError
   */
  save(key: string): Promise<EntryRecord | null> {
    const entry = { scope: this.#scope, entryId: this.#entryId }
    return withoutRefresh(this.#core, entry, (lease) => this.#save(key, lease))
  }

  #save(key: string, lease: HeldLease): Promise<EntryRecord | null> {
    const core = this.#core
    const follow = async (entry: EntryRecord, address: JsonObject) => {
      const { lease: earlier, credentialRevision } = entry
      // A process of an earlier version has the right to refresh the token in the record of the entry.
      const isRefreshed = earlier != null && earlier.until > core.clock.now()
      if (credentialRevision !== this.#sent || isRefreshed) return null
      const data = { ...entry.data, ...address }
      const secrets = await openSecrets(core, entry)
      const place = { core, scope: this.#scope, compiled: integrationOf(core, entry.domain) }
      const keys = entry.matchKey === undefined ? [] : await matchKeysOf(place, { ...data, ...secrets })
      const [matchKey, ...otherKeys] = keys
      if ((await findByKey(core, entry, otherKeys)) !== undefined) return null
      return {
        ...entry,
        data,
        ...(matchKey !== undefined && { matchKey }),
        sealed: await sealSecrets(core, { ...entry, data }, secrets),
        credentialRevision: credentialRevision + 1,
        lease: null,
        // The stored address had failed.
        ...withoutSetupFailure(entry),
      }
    }
    return this.#update(key, 'address_followed', follow, lease)
  }

  /** Removes the address from the entry. @throws StoreError */
  async discard(key: string): Promise<void> {
    await this.#update(key, 'address_discarded', async (entry) => entry)
  }

  async #find(key: string): Promise<{ readonly entry: EntryRecord; readonly values: JsonObject } | null> {
    const stored = await this.#core.store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined) return null
    const entry = checkEntry(stored)
    const announced = announcedAddress(this.#core, entry)
    return announced?.key === key ? { entry, values: announced.values } : null
  }

  /** Writes a change without the announced address. Returns null if the entry or the address has changed. */
  async #update(
    key: string,
    kind: AuditKind,
    change: (entry: EntryRecord, address: JsonObject) => Promise<EntryRecord | null>,
    lease: HeldLease | null = null,
  ): Promise<EntryRecord | null> {
    const { store, clock, events } = this.#core
    for (let failed = 0; ; ) {
      const found = await this.#find(key)
      // The lease is lost: another process refreshes the token.
      if (found?.entry.revision === failed) return null
      const changed = found === null ? null : await change(found.entry, found.values)
      if (found === null || changed === null) return null
      const { scope, entryId, domain, revision: ifRevision } = found.entry
      const revision = ifRevision + 1
      const at = clock.now()
      const record = ownEntry({ ...changed, ...withoutProposal(found.entry), revision, updatedAt: at })
      const moved = movedAddress(integrationOf(this.#core, domain), found.entry, found.values)
      try {
        await store.apply(scope, [
          { put: 'entry', record, ifRevision },
          audit({ ...{ scope, at, who: ENGINE, entryId, kind, revision }, ...moved }),
          ...(lease === null ? [] : [lease.end]),
        ])
      } catch (error) {
        failed = ifRevision
        if (isConflict(error, 'entry')) continue
        // Another entry has the same match values.
        if (isTaken(error, 'exclusive')) return null
        throw error
      }
      lease?.forget()
      events.emit('entry_updated', { scope, entryId, domain, revision })
      return record
    }
  }
}
