import type { ConnectFailure } from '../../machines/check-result.ts'
import { Connection } from '../../machines/draft.ts'
import type {
  MigrateResult,
  RequireReauthResult,
  RestoreResult,
  SetupResult,
} from '../../machines/entry-result.ts'
import { EntryVersionError, UnknownEntryError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { EntryRecord } from '../ports/store.ts'
import { Attempts } from './attempts.ts'
import { audit } from './audit.ts'
import type { Call } from './call.ts'
import type { LiveConnection } from './connection.ts'
import { type Core, integrationOf } from './core.ts'
import { checkEntry, ownEntry } from './entry-record.ts'
import type { Flows } from './flows.ts'
import { isUnproven, Migration } from './migration.ts'
import { ENGINE } from './principals.ts'
import { loggedError } from './scrub.ts'
import type { CallFailed } from './service-calls.ts'
import { settleEntry } from './settle-entry.ts'
import { openSubentries } from './stored-subentries.ts'
import type { TokenOutcome } from './token-run.ts'
import type { Tokens } from './tokens.ts'
import { openSecrets } from './vault.ts'

/** The other parts of the engine that an entry needs. */
export interface EntryParts {
  readonly flows: Flows
  readonly tokens: Tokens
}

/** What tells that values are wrong, rather than that the service cannot answer now, or asks for another credential. */
const refusals: ReadonlySet<string> = new Set(['setup_error', 'unknown'])

/** What the machine of one entry asks for, done. */
export class EntryWork {
  readonly #core: Core
  readonly #flows: Flows
  readonly #tokens: Tokens
  readonly #scope: string
  readonly #entryId: string
  readonly #migration: Migration
  /** The record that was last connected with: what the service refused is this revision of it. */
  #tried: EntryRecord | null = null
  /** Why what was migrated is not kept. */
  #refused: ConnectFailure | 'setup_error' | 'wrong_account' = 'unknown'
  /** Who asked for one more try of a refused credential. */
  retriedBy = ''

  constructor(core: Core, { flows, tokens }: EntryParts, scope: string, entryId: string) {
    this.#core = core
    this.#flows = flows
    this.#tokens = tokens
    this.#scope = scope
    this.#entryId = entryId
    this.#migration = new Migration(core)
  }

  async migrate(): Promise<MigrateResult> {
    const stored = await this.#core.store.getEntry(this.#scope, this.#entryId)
    // What is not there, or is switched off, has nothing to be brought to; connecting finds out.
    if (stored === undefined || stored.disabled) return { type: 'current' }
    try {
      await this.#migration.current(checkEntry(stored))
      return { type: 'current' }
    } catch (error) {
      if (error instanceof UnknownEntryError) return { type: 'current' }
      if (!(error instanceof EntryVersionError)) throw error
      return { type: 'failed', reason: error.version > error.supported ? 'newer_version' : 'migration_error' }
    }
  }

  /** What was migrated did not connect: the original is put back. */
  async restoreOriginal(): Promise<RestoreResult> {
    const isBack = this.#tried !== null && (await this.#migration.restore(this.#tried, this.#refused))
    return { type: isBack ? 'restored' : 'proven' }
  }

  /** Connects with the stored credential, unless the service has refused it before. */
  async connect(call: Call, retryRejected: boolean): Promise<SetupResult> {
    const core = this.#core
    const stored = await core.store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined) return { type: 'missing' }
    const entry = checkEntry(stored)
    if (entry.disabled) return { type: 'disabled' }
    if (entry.version !== integrationOf(core, entry.domain).version) return { type: 'outdated' }
    const rejected = entry.rejectedRevision === entry.credentialRevision
    if (rejected && !retryRejected) return { type: 'rejected' }
    this.#tried = entry
    const failure = await this.#tryWith(entry, call, retryRejected)
    if (failure.type === 'failed') {
      if (rejected) await this.#countRetry(entry, failure.error, failure.until)
      return isUnproven(this.#tried) && refusals.has(failure.error) ? this.#refuse(failure.error) : failure
    }
    const { live } = failure
    live.credentialRevision = entry.credentialRevision
    if (this.#tokens.renews(entry.domain)) live.source = () => this.#tokens.stored(entry)
    const held = await settleEntry(core, this.#tried, live)
    if (held === null) {
      await live.close()
      return { type: 'failed', error: 'setup_error' }
    }
    const proven = live.uniqueId === held.uniqueId
    if (!proven && isUnproven(held)) {
      await live.close()
      return this.#refuse('wrong_account')
    }
    const settled = proven ? await this.#settle(held) : held
    if (settled === null) {
      await live.close()
      return { type: 'outdated' }
    }
    if (rejected && proven) await this.#repair(settled)
    if (proven) await this.#keepEnd(live)
    return {
      type: 'connected',
      uniqueId: live.uniqueId,
      expected: settled.uniqueId,
      connection: new Connection(live),
    }
  }

  /** Records that the service refuses the credential that was tried, and opens the flow that asks for another. */
  async requireReauth(): Promise<RequireReauthResult> {
    const need = { reason: 'invalid_auth', rejected: true } as const
    const flow = this.#tried && (await this.#flows.starting.require(this.#tried, need, ENGINE))
    return { type: flow === null ? 'gone' : 'required' }
  }

  async unload(live: LiveConnection): Promise<void> {
    try {
      await live.retire()
    } catch (error) {
      this.#core.log.error('An entry could not be unloaded.', { ...this.#ids(), error: live.logged(error) })
      throw error
    }
  }

  /** Connects with what is stored, renewed where its time is up, or where the service refuses it. */
  async #tryWith(entry: EntryRecord, call: Call, retryRejected: boolean): Promise<TryOutcome> {
    if (!this.#tokens.renews(entry.domain)) {
      const values = await this.#valuesOf(entry)
      return values === null ? { type: 'failed', error: 'setup_error' } : this.#connect(entry, values, call)
    }
    const first = await this.#tokens.ask(entry, { retryRejected })
    if (first.type !== 'fresh') return failureOf(first)
    this.#tried = first.value.entry
    const outcome = await this.#connect(entry, first.value.values, call)
    if (outcome.type !== 'failed' || outcome.error !== 'invalid_auth') return outcome
    const refused = first.value.entry.sealed
    const second = await this.#tokens.ask(entry, { refused })
    if (second.type !== 'fresh') return failureOf(second)
    this.#tried = second.value.entry
    return this.#connect(entry, second.value.values, call)
  }

  async #connect(entry: EntryRecord, values: JsonObject, call: Call): Promise<TryOutcome> {
    const compiled = integrationOf(this.#core, entry.domain)
    const { options } = entry
    const subentries = await openSubentries(this.#core, entry)
    const outcome = await this.#core.connector.connect(compiled, { values, options, subentries, call })
    // A service that asks for a second factor asks for a person.
    return outcome.type === 'challenged' ? { type: 'failed', error: 'invalid_auth' } : outcome
  }

  #refuse(error: ConnectFailure | 'setup_error' | 'wrong_account'): SetupResult {
    this.#refused = error
    return { type: 'refused' }
  }

  /** The entry has been set up at its version: what was known against that is forgotten, the original is let go. */
  async #settle(entry: EntryRecord): Promise<EntryRecord | null> {
    if (!isUnproven(entry) && entry.migrationError === null) return entry
    try {
      return await this.#migration.prove(entry)
    } catch (error) {
      // The connection works all the same; the original stays until a write succeeds.
      this.#core.log.warn('A migration could not be completed.', {
        ...this.#ids(),
        error: loggedError(error),
      })
      return entry
    }
  }

  async #valuesOf(entry: EntryRecord): Promise<EntryRecord['data'] | null> {
    try {
      return { ...entry.data, ...(await openSecrets(this.#core, entry)) }
    } catch (error) {
      this.#core.log.error('The secrets of an entry cannot be opened.', {
        ...this.#ids(),
        error: loggedError(error),
      })
      return null
    }
  }

  /** The refused credential works again: the need is gone, and with it the flow that asked. */
  async #repair(entry: EntryRecord): Promise<void> {
    const { scope, entryId } = entry
    const at = this.#core.clock.now()
    const revision = entry.revision + 1
    const record: EntryRecord = { ...entry, revision, reauth: null, rejectedRevision: null, updatedAt: at }
    try {
      const endings = await this.#flows.endingsOf(scope, entryId, 'entryRepaired')
      const attempts = await Attempts.read(this.#core, { ...entry, principal: this.retriedBy })
      await this.#core.store.apply(scope, [
        { put: 'entry', record, ifRevision: entry.revision },
        ...endings.writes,
        audit({ scope, at, who: this.retriedBy, entryId, kind: 'reauth_repaired', revision }),
        ...attempts.clear(),
      ])
      endings.announce()
      this.#core.events.emit('attention_changed', { scope, entryId })
    } catch (error) {
      // The connection works all the same; the need stays in the list until a write of it succeeds.
      this.#core.log.warn('A repair could not be recorded.', { ...this.#ids(), error: loggedError(error) })
    }
  }

  /** The service may say another end of the credential than it did before. */
  async #keepEnd({ expiresAt }: LiveConnection): Promise<void> {
    const { store, events } = this.#core
    const stored = await store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined || expiresAt === undefined || (stored.expiresAt ?? null) === expiresAt) return
    const record = ownEntry({ ...stored, expiresAt, revision: stored.revision + 1 })
    try {
      await store.apply(this.#scope, [{ put: 'entry', record, ifRevision: stored.revision }])
      events.emit('attention_changed', this.#ids())
    } catch (error) {
      // The next setup says it again.
      this.#core.log.warn('The end of a credential could not be recorded.', {
        ...this.#ids(),
        error: loggedError(error),
      })
    }
  }

  async #countRetry(entry: EntryRecord, error: ConnectFailure | 'setup_error', until: number | undefined) {
    const attempts = await Attempts.read(this.#core, { ...entry, principal: this.retriedBy })
    const writes = attempts.count(error, until)
    if (writes.length > 0) await this.#core.store.apply(entry.scope, writes)
  }

  #ids() {
    return { scope: this.#scope, entryId: this.#entryId }
  }
}

type TryOutcome = { readonly type: 'connected'; readonly live: LiveConnection } | CallFailed

/** What a token that is not there means to a setup. */
function failureOf(outcome: Exclude<TokenOutcome, { type: 'fresh' }>): CallFailed {
  if (outcome.type === 'refused') return { type: 'failed', error: 'invalid_auth' }
  const { reason, until } = outcome
  const error = isFailure(reason) ? reason : 'unknown'
  return { type: 'failed', error, ...(until !== null && { until }) }
}

const FAILURES: readonly string[] = ['cannot_connect', 'timeout', 'rate_limited']
const isFailure = (reason: string): reason is ConnectFailure => FAILURES.includes(reason)
