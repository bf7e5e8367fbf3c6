import { Connection } from '../../../machines/draft.ts'
import type {
  MigrateResult,
  RequireReauthResult,
  RestoreResult,
  SaveAddressResult,
  SetupFailure,
  SetupResult,
} from '../../../machines/entry-result.ts'
import { EntryVersionError, StoreError, UnknownEntryError } from '../../errors.ts'
import type { LoggedError } from '../../ports/log.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { explanationOf } from '../connections/explained.ts'
import { detailOf, type FailureDetail } from '../connections/failure-detail.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { Failed } from '../connections/service-calls.ts'
import type { Flows } from '../flows/flows.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { jsonEqual } from '../lib/json.ts'
import { ENGINE } from '../lib/principals.ts'
import { checkEntry } from '../records/entry-record.ts'
import { versionMisfit } from '../records/entry-versions.ts'
import { isUnverified, type Migration } from '../records/migration.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { adoptIdentity } from './adopt-identity.ts'
import { AnnouncedAddressActors } from './announced-address.ts'
import type { AnsweredEntries } from './answered-entries.ts'
import type { EntryFailure } from './entry-health.ts'
import type { EntryLogin } from './login.ts'
import { retryWait } from './retry-wait.ts'
import type { FailedAttempt, SetupFindings } from './setup-findings.ts'

/** The other parts of the engine that an entry needs. */
export interface EntryParts {
  readonly flows: Flows
  readonly tokens: Tokens
  readonly answers: AnsweredEntries
  readonly migration: Migration
  readonly login: EntryLogin
  readonly findings: SetupFindings
  /** Called if this process does not have the integration of an entry, or not in its version. */
  noticeMisfit(scope: string, entryId: string): void
}

interface ConnectOptions {
  readonly retryRejected: boolean
  /** The number of attempts that failed in a row before this one. */
  readonly tries: number
}

/** A failed attempt to connect, and its error without secrets, if the integration has thrown one. */
export interface FailedConnect {
  readonly failure: EntryFailure
  readonly error: LoggedError | undefined
}

/** The entry of the actors. */
interface ActorsEntry {
  readonly scope: string
  readonly entryId: string
  /** Whether the entry connects only for a call. */
  readonly lazy: boolean
}

/** The errors that mean that migrated values are invalid. Others may pass, or ask for a new credential. */
const refusals: ReadonlySet<string> = new Set(['setup_error', 'wrong_account', 'refresh_failed', 'unknown'])

/** The actors of an entry machine. */
export class EntryActors {
  readonly #core: Core
  readonly #parts: EntryParts
  readonly #scope: string
  readonly #entryId: string
  readonly #entry: ActorsEntry
  /** The address that the device has announced. */
  readonly announced: AnnouncedAddressActors
  /** The record of the last attempt to connect. A rejection applies to its credential revision. */
  #tried: EntryRecord | null = null
  /** The reason why the migrated values were not accepted. */
  #refused: SetupFailure = 'unknown'
  /** The principal that requested an attempt with a rejected credential. */
  retriedBy = ''
  /** The time before which the service accepts no request (ms since the epoch); null if it did not specify one. */
  until: number | null = null
  /** The failure of the last attempt to connect; null if it succeeded. */
  failed: FailedConnect | null = null
  /** Whether the last attempt to connect has begun its login. */
  hasAsked = false

  constructor(core: Core, parts: EntryParts, entry: ActorsEntry) {
    const { scope, entryId } = entry
    this.#core = core
    this.#parts = parts
    this.#scope = scope
    this.#entryId = entryId
    this.#entry = entry
    this.announced = new AnnouncedAddressActors(core, scope, entryId)
  }

  async migrate(): Promise<MigrateResult> {
    const stored = await this.#core.store.getEntry(this.#scope, this.#entryId)
    // The next actor handles a removed or disabled entry.
    if (stored === undefined || stored.disabled) return { type: 'current' }
    if (!this.#core.integrations.has(stored.domain)) return this.#withoutIntegration(stored)
    try {
      await this.#parts.migration.current(checkEntry(stored))
      return { type: 'current' }
    } catch (error) {
      if (error instanceof UnknownEntryError) return { type: 'current' }
      if (!(error instanceof EntryVersionError)) throw error
      if (error.version <= error.supported) return { type: 'failed', reason: 'migration_error' }
      this.#parts.noticeMisfit(this.#scope, this.#entryId)
      return { type: 'failed', reason: 'newer_version' }
    }
  }

  #withoutIntegration({ scope, entryId, domain }: EntryRecord): MigrateResult {
    this.#core.log.warn({ scope, entryId, domain }, 'The integration of an entry is not registered.')
    this.#parts.noticeMisfit(scope, entryId)
    return { type: 'unknown_integration' }
  }

  /** Whether the last attempt to connect was with another credential, or other options, than those of a record. */
  hasTriedOther({ credentialRevision, options }: EntryRecord): boolean {
    const tried = this.#tried
    if (tried === null) return false
    return tried.credentialRevision !== credentialRevision || !jsonEqual(tried.options, options)
  }

  /** Restores the original values, because the migrated ones did not connect. */
  async restoreOriginal(): Promise<RestoreResult> {
    const isRestored =
      this.#tried !== null && (await this.#parts.migration.restore(this.#tried, this.#refused))
    return { type: isRestored ? 'restored' : 'proven' }
  }

  /** Connects with the stored credential, unless the service has rejected it. */
  async connect(call: Call, { retryRejected, tries }: ConnectOptions): Promise<SetupResult> {
    const core = this.#core
    this.until = null
    this.hasAsked = false
    // Changes after this read are noticed.
    await core.changes.ready(this.#scope)
    const stored = await core.store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined) return { type: 'missing' }
    const entry = checkEntry(stored)
    if (entry.disabled) return { type: 'disabled' }
    if (versionMisfit(integrationOf(core, entry.domain), entry) !== null) return { type: 'outdated' }
    const rejected = entry.rejectedRevision === entry.credentialRevision
    if (rejected && !retryRejected) return { type: 'rejected' }
    if (rejected && !(await this.#parts.findings.claimRetry(entry, this.retriedBy)))
      return { type: 'rejected' }
    this.#tried = entry
    this.hasAsked = true
    let detail: FailureDetail = {}
    let error: LoggedError | undefined
    const failed: Failed = (ref, logged) => {
      error = logged()
      detail = detailOf(error, ref)
    }
    const { tried, outcome } = await this.#parts.login.connect(entry, { call, retryRejected, failed })
    this.#tried = tried
    this.failed = null
    if (outcome.type === 'failed') {
      const explained = explanationOf(outcome.explained)
      this.failed = { failure: { code: outcome.error, at: core.clock.now(), ...detail, ...explained }, error }
      // The answer of a cancelled login is unknown, so it counts as refused.
      const isRefused = call.aborted || outcome.error === 'invalid_auth'
      if (rejected && !isRefused)
        await this.#parts.findings.releaseRetry(entry, this.retriedBy, outcome.until)
      if (isUnverified(tried) && refusals.has(outcome.error)) return this.#refuse(outcome.error)
      this.until = outcome.until ?? null
      const wait = retryWait(core, tries, this.until)
      const { error: reason } = outcome
      const isFinal = reason === 'setup_error' || reason === 'wrong_account'
      if (!call.aborted && reason !== 'invalid_auth')
        await this.#recordFailure(tried, {
          reason,
          tries: tries + 1,
          wait: isFinal ? null : wait,
          ...explained,
        })
      return { type: 'failed', error: reason, wait, ...this.announced.of(tried) }
    }
    const { live } = outcome
    live.credentialRevision = entry.credentialRevision
    if (this.#parts.tokens.renews(entry.domain)) live.readStored = () => this.#parts.tokens.stored(entry)
    const result = await this.#settle(tried, live, rejected)
    if (result.type !== 'connected') await live.close()
    return result
  }

  /** Compares the connection with the identity of the entry and records the result. */
  async #settle(tried: EntryRecord, live: LiveConnection, rejected: boolean): Promise<SetupResult> {
    const core = this.#core
    const { entry: adopted, heldBy } = await adoptIdentity({ core, flows: this.#parts.flows }, tried, live)
    const { uniqueId } = live
    const isVerified = uniqueId === adopted.uniqueId || heldBy !== null
    if (uniqueId !== tried.uniqueId) this.#parts.findings.logIdentity(tried, adopted, live)
    if (!isVerified && isUnverified(adopted)) return this.#refuse('wrong_account')
    const settled = isVerified ? await this.#parts.findings.confirmMigration(adopted) : adopted
    if (settled === null) return { type: 'outdated' }
    if (rejected && isVerified) await this.#parts.findings.repair(settled, this.retriedBy)
    if (isVerified) await this.#parts.findings.recordSuccess(settled, live, heldBy)
    else await this.#recordFailure(settled, { reason: 'wrong_account', tries: 0, wait: null })
    const connection = new Connection(live)
    const { uniqueId: expected } = settled
    return { type: 'connected', uniqueId, expected, connection, heldBy, ...this.announced.of(settled) }
  }

  /** Saves the announced address at which the account of the entry has answered. */
  async saveAddress(address: string, live: LiveConnection): Promise<SaveAddressResult> {
    const saved = await this.announced.save(address)
    if (saved === null) return { type: 'changed' }
    live.credentialRevision = saved.credentialRevision
    if (this.#parts.tokens.renews(saved.domain)) live.readStored = () => this.#parts.tokens.stored(saved)
    await this.#parts.findings.recordSuccess(saved, live, null)
    return { type: 'saved' }
  }

  /** Records that the service rejects the credential, and opens a reauthentication. */
  async requireReauth(): Promise<RequireReauthResult> {
    const need = { reason: 'invalid_auth', rejected: true } as const
    const flow = this.#tried && (await this.#parts.flows.starting.require(this.#tried, need, ENGINE))
    return { type: flow === null ? 'gone' : 'required' }
  }

  async dispose(live: LiveConnection, call: Call): Promise<void> {
    try {
      await live.dispose()
    } catch (error) {
      const fields = { scope: this.#scope, entryId: this.#entryId, error: live.redactedError(error) }
      // The timeout was logged before.
      if (!call.aborted) this.#core.log.error(fields, 'An entry could not be unloaded.')
      throw error
    }
  }

  /** Records a setup that has thrown. A failure of the store is not one of the entry. */
  async recordError(error: unknown, tries: number, wait: number): Promise<void> {
    const { lifetime } = this.#core
    if (this.#tried === null || error instanceof StoreError || lifetime.ended) return
    await this.#recordFailure(this.#tried, { reason: 'unknown', tries: tries + 1, wait })
  }

  /** Records a failed setup. `wait`: milliseconds until the next attempt; null if retrying does not help. */
  #recordFailure(
    entry: EntryRecord,
    { wait, ...failure }: Omit<FailedAttempt, 'retryAt' | 'retriesItself'> & { readonly wait: number | null },
  ): Promise<void> {
    const retryAt = wait === null ? null : this.#core.clock.now() + wait
    return this.#parts.findings.recordFailure(entry, {
      ...failure,
      retryAt,
      retriesItself: !this.#entry.lazy,
    })
  }

  #refuse(error: SetupFailure): SetupResult {
    this.#refused = error
    return { type: 'refused' }
  }
}
