import type { ConnectFailure } from '../../machines/check-result.ts'
import { Connection } from '../../machines/draft.ts'
import type { MigrateResult, RequireReauthResult, SetupResult } from '../../machines/entry-result.ts'
import type { EntryRecord } from '../ports/store.ts'
import { Attempts } from './attempts.ts'
import { audit } from './audit.ts'
import type { Call } from './call.ts'
import type { LiveConnection } from './connection.ts'
import { type Core, integrationOf } from './core.ts'
import { checkEntry } from './entry-record.ts'
import type { Flows } from './flows.ts'
import { ENGINE } from './principals.ts'
import { loggedError } from './scrub.ts'
import { openSecrets } from './vault.ts'

/** What the machine of one entry asks for, done. */
export class EntryWork {
  readonly #core: Core
  readonly #flows: Flows
  readonly #scope: string
  readonly #entryId: string
  /** The record that was last connected with: what the service refused is this revision of it. */
  #tried: EntryRecord | null = null
  /** Who asked for one more try of a refused credential. */
  retriedBy = ''

  constructor(core: Core, flows: Flows, scope: string, entryId: string) {
    this.#core = core
    this.#flows = flows
    this.#scope = scope
    this.#entryId = entryId
  }

  async migrate(): Promise<MigrateResult> {
    const stored = await this.#core.store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined) return { type: 'current' }
    const { domain, version } = checkEntry(stored)
    return integrationOf(this.#core, domain).version === version
      ? { type: 'current' }
      : { type: 'failed', reason: 'migration_error' }
  }

  /** Connects with the stored credential, unless the service has refused it before. */
  async connect(call: Call, retryRejected: boolean): Promise<SetupResult> {
    const core = this.#core
    const stored = await core.store.getEntry(this.#scope, this.#entryId)
    if (stored === undefined) return { type: 'missing' }
    const entry = checkEntry(stored)
    if (entry.disabled) return { type: 'disabled' }
    const rejected = entry.rejectedRevision === entry.credentialRevision
    if (rejected && !retryRejected) return { type: 'rejected' }
    this.#tried = entry
    const compiled = integrationOf(core, entry.domain)
    const values = await this.#valuesOf(entry)
    if (values === null) return { type: 'failed', error: 'setup_error' }
    const outcome = await core.connector.connect(compiled, { values, options: entry.options, call })
    // A service that asks for a second factor asks for a person.
    const failure =
      outcome.type === 'challenged' ? ({ type: 'failed', error: 'invalid_auth' } as const) : outcome
    if (failure.type === 'failed') {
      if (rejected) await this.#countRetry(entry, failure.error, failure.until)
      return failure
    }
    const { live } = failure
    live.credentialRevision = entry.credentialRevision
    const proven = live.uniqueId === entry.uniqueId
    if (rejected && proven) await this.#repair(entry)
    return {
      type: 'connected',
      uniqueId: live.uniqueId,
      expected: entry.uniqueId,
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

  async #countRetry(entry: EntryRecord, error: ConnectFailure | 'setup_error', until: number | undefined) {
    const attempts = await Attempts.read(this.#core, { ...entry, principal: this.retriedBy })
    const writes = attempts.count(error, until)
    if (writes.length > 0) await this.#core.store.apply(entry.scope, writes)
  }

  #ids() {
    return { scope: this.#scope, entryId: this.#entryId }
  }
}
