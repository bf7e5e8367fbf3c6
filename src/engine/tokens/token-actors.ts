import { Draft } from '../../../machines/draft.ts'
import { nextFailure } from '../../../machines/refresh-failure.ts'
import type {
  ClaimResult,
  RecordFailureResult,
  RefreshResult,
  RereadResult,
  SaveTokenResult,
} from '../../../machines/token-result.ts'
import { StoreError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import type { UnsavedToken } from '../../ports/token-journal.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { secretsOf, splitStoredValues } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { audit } from '../records/audit.ts'
import { checkEntry, isLeased, ownEntry } from '../records/entry-record.ts'
import { lostGrants } from '../records/lost-grants.ts'
import { laterRefresh } from '../records/refresh-time.ts'
import { beginRemovals } from '../removals/removals.ts'
import { sealSecrets } from '../secrets/vault.ts'
import { ClientRefusals } from './client-refusals.ts'
import { RefreshCalls } from './refresh-calls.ts'
import { TokenLease } from './token-lease.ts'
import { openToken, type TokenValue, withToken } from './token-value.ts'

/** The actors of a token machine. */
export class TokenActors {
  readonly lease: TokenLease
  /** The stored token as last read. */
  value: TokenValue | null = null
  /** The token that is being refreshed. Only this one may be replaced by the result. */
  base: TokenValue | null = null
  /** Whether a user requested an attempt with a rejected credential. */
  retryRejected = false
  readonly #core: Core
  readonly #compiled: Compiled
  readonly #entry: { readonly scope: string; readonly entryId: string }
  readonly #calls: RefreshCalls
  readonly #refusals: ClientRefusals

  constructor(
    core: Core,
    compiled: Compiled,
    entry: { readonly scope: string; readonly entryId: string },
    /** Receives a refreshed token that arrives after the timeout. */
    arrived: (draft: Draft) => void,
  ) {
    this.#core = core
    this.#compiled = compiled
    this.#entry = entry
    this.lease = new TokenLease(core, entry)
    this.#calls = new RefreshCalls(core, compiled, this.lease, (draft, { sealed }) => {
      // A different credential must not be replaced.
      if (this.base?.entry.sealed === sealed) arrived(draft)
    })
    this.#refusals = new ClientRefusals(core)
  }

  /** Reads the entry; null if it was removed. */
  async read(): Promise<TokenValue | null> {
    const stored = await this.#core.store.getEntry(this.#entry.scope, this.#entry.entryId)
    if (stored === undefined) {
      this.value = null
      return null
    }
    const entry = checkEntry(stored)
    const before = this.value
    const isSame = before?.entry.sealed === entry.sealed
    this.value =
      isSame && before !== null ? { ...before, entry } : await openToken(this.#core, this.#compiled, entry)
    return this.value
  }

  /**
   * Whether the token has expired, or expires soon. A new token is used for at least half of its life, although it may
   * be shorter than `refreshSkew`. If its end has passed already, the service has not specified one.
   */
  isDue({ entry, endsAt }: TokenValue): boolean {
    if (endsAt === null) return false
    const { clock, limits } = this.#core
    const { refreshedAt: since = Number.NEGATIVE_INFINITY } = entry
    const now = clock.now()
    // A refresh in the future was before the clock was set back.
    if (since > now) return endsAt - limits.refreshSkew <= now
    return endsAt > since && endsAt - Math.min(limits.refreshSkew, (endsAt - since) / 2) <= now
  }

  async claim(): Promise<ClaimResult> {
    const requested = (this.base as TokenValue).entry.sealed
    let isClaimed: boolean
    try {
      isClaimed = await this.lease.claim()
    } catch (error) {
      throw this.#logged('The lease of a token could not be written.', error)
    }
    // Read after the claim: the last holder has saved its token.
    const value = await this.read()
    const isCurrent = value === null || (value.entry.sealed !== requested && !this.isDue(value))
    if (isCurrent) return this.#unclaimed('current')
    const { entry } = value
    if (entry.rejectedRevision === entry.credentialRevision && !this.retryRejected)
      return this.#unclaimed('rejected')
    // A process of an earlier version has the right in the record of the entry.
    if (!isClaimed || isLeased(this.#core, entry.lease)) return this.#unclaimed('held')
    this.base = value
    const draft = await this.unsaved(entry)
    return draft === null ? { type: 'claimed' } : { type: 'unsaved', draft }
  }

  async #unclaimed<Type extends ClaimResult['type']>(type: Type): Promise<{ readonly type: Type }> {
    await this.lease.release()
    return { type }
  }

  /**
   * Returns a refreshed token that could not be saved before, if the stored credential is still the one that it
   * replaces.
   */
  async unsaved(entry: EntryRecord): Promise<Draft | null> {
    const { journal } = this.#core.store
    const { scope, entryId } = entry
    const token = await journal?.get(scope, entryId)
    if (token === undefined) return null
    if (token.replaces === entry.sealed || token.resealed === entry.sealed) {
      this.#calls.answeredAt = null
      const { values } = await openToken(this.#core, this.#compiled, {
        ...entry,
        data: token.data,
        sealed: token.sealed,
      })
      return new Draft({ values })
    }
    await journal?.remove(scope, entryId)
    return null
  }

  refresh(call: Call, tries: number): Promise<RefreshResult> {
    return this.#calls.run(this.base as TokenValue, call, tries)
  }

  /** Stores since when the refresh fails, and releases the lease in the same write. @throws StoreError */
  async recordFailure(reason: string, refused: boolean): Promise<RecordFailureResult> {
    const core = this.#core
    const { scope, entryId } = this.#entry
    if (reason === 'client_refused') await this.#noted(this.#refusals.record(scope, this.#compiled.domain))
    for (;;) {
      const value = await this.read()
      // Another process has replaced the credential, or removed the entry.
      if (value === null || value.entry.sealed !== (this.base as TokenValue).entry.sealed)
        return { type: 'recorded' }
      const { entry, endsAt } = value
      const now = core.clock.now()
      const usable = !refused && (endsAt === null || endsAt > now)
      const refreshFailure = nextFailure(entry.refreshFailure, { reason, now, usable })
      const revision = entry.revision + 1
      const record = ownEntry({ ...entry, ...laterRefresh(entry, now), refreshFailure, revision })
      const kind = 'refresh_failed'
      const row = audit({ scope, at: now, who: ENGINE, entryId, kind, code: reason, revision })
      const isNew = refreshFailure.overdue && entry.refreshFailure?.overdue !== true
      try {
        if (!(await this.#write(record, isNew ? [row] : []))) continue
      } catch (error) {
        throw this.#logged('A failed refresh could not be recorded.', error)
      }
      if (isNew) core.events.emit('attention_changed', { scope, entryId })
      return { type: refreshFailure.overdue ? 'overdue' : 'recorded' }
    }
  }

  async reread(): Promise<RereadResult> {
    const value = await this.read()
    const isSame = value?.entry.sealed === (this.base as TokenValue).entry.sealed
    return { type: isSame ? 'unchanged' : 'changed' }
  }

  /**
   * Saves a refreshed token, only if the stored credential is the one that was refreshed. Until then, the journal of
   * the store has it.
   *
   * @throws StoreError
   */
  async save(draft: Draft): Promise<SaveTokenResult> {
    const core = this.#core
    const { store } = core
    const { scope, entryId } = this.#entry
    try {
      const { replaces, data, sealed } = await this.#journal(draft)
      for (;;) {
        // A token that arrived late was refreshed with a lease that has ended.
        const isClaimed = await this.lease.claimToWrite()
        const now = await this.read()
        if (now === null || now.entry.sealed !== replaces) {
          await store.journal?.remove(scope, entryId)
          return { type: 'superseded' }
        }
        if (!isClaimed) throw new StoreError('This process has no right to save the token.')
        const { entry } = now
        const { values } = draft.reveal()
        const token = { data, sealed, values: values as JsonObject, answeredAt: this.#calls.answeredAt }
        const record = withToken(core, this.#compiled, entry, token)
        const { revision, updatedAt: at } = record
        const isRepaired = entry.refreshFailure?.overdue === true
        const kind = 'refresh_repaired'
        const row = audit({ scope, at, who: ENGINE, entryId, kind, revision })
        const removals = lostGrants(core, entry, record)
        if (!(await this.#write(record, [...removals, ...(isRepaired ? [row] : [])]))) continue
        beginRemovals(core, removals)
        this.value = await openToken(core, this.#compiled, record)
        await store.journal?.remove(scope, entryId)
        if (isRepaired) core.events.emit('attention_changed', { scope, entryId })
        await this.#noted(this.#refusals.clear(scope, this.#compiled.domain))
        return { type: 'saved' }
      }
    } catch (error) {
      const values = draft.reveal().values as JsonObject
      throw this.#logged('A refreshed token could not be saved. Latchkey will retry.', error, values)
    }
  }

  /** Writes the entry and ends the lease. Returns false if the entry has changed, or another process has the lease. */
  async #write(record: EntryRecord, more: readonly Write[]): Promise<boolean> {
    const ifRevision = record.revision - 1
    try {
      const put: Write = { put: 'entry', record, ifRevision }
      await this.#core.store.apply(record.scope, [put, ...more, ...this.lease.end])
    } catch (error) {
      if (!isConflict(error, 'entry')) throw error
      if ((await this.read())?.entry.revision === ifRevision) this.lease.lose()
      return false
    }
    this.lease.forget()
    return true
  }

  /** Waits until it is recorded whether the service accepts the host's application. The next refresh tries again. */
  async #noted(recorded: Promise<void>): Promise<void> {
    try {
      await recorded
    } catch (error) {
      this.#logged('The attention item of an application could not be changed.', error)
    }
  }

  /** Encrypts a refreshed token and writes it to the journal. @throws StoreError if it cannot be encrypted */
  async #journal(draft: Draft): Promise<UnsavedToken> {
    const { entry } = this.base as TokenValue
    const { data, secrets } = splitStoredValues(this.#compiled, draft.reveal().values as JsonObject)
    const sealed = await sealSecrets(this.#core, { ...entry, data }, secrets)
    const token = { ...this.#entry, replaces: entry.sealed, data, sealed }
    try {
      await this.#core.store.journal?.put(token)
    } catch (error) {
      this.#logged('A refreshed token could not be written to the journal. It is only in memory.', error)
    }
    return token
  }

  /** Logs an error without the secrets of the stored and `refreshed` values, and returns it. */
  #logged(message: string, error: unknown, refreshed: JsonObject = {}): unknown {
    const known = [this.base as TokenValue, { values: refreshed }]
    const secrets = known.flatMap((submitted) => secretsOf(this.#compiled, submitted))
    const { domain } = this.#compiled
    this.#core.log.error({ ...this.#entry, domain, error: loggedError(error, secrets) }, message)
    return error
  }
}
