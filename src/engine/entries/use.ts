import type { FailedSetup } from '../../../machines/config-entry-setup.ts'
import {
  EntryNotLoadedError,
  InvalidAuthError,
  InvalidInputError,
  ReauthRequiredError,
  StoppedError,
  UnknownEntryError,
  UseTimeoutError,
  WrongIntegrationError,
} from '../../errors.ts'
import { numberProblem } from '../../number-rules.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { UseContext, UseOptions } from '../api/entries.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Flows } from '../flows/flows.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { underDeadline } from '../lib/deadline.ts'
import { jsonEqual } from '../lib/json.ts'
import { isAhead } from '../lib/stored-time.ts'
import { versionMisfit } from '../records/entry-versions.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { EntryRun } from './entry-run.ts'

type Work = (client: unknown, context: UseContext) => unknown

/** The functions of `Entries` that this file needs. */
interface RunningEntries {
  readonly flows: Flows
  readonly tokens: Tokens
  read(scope: string, entryId: string): Promise<EntryRecord>
  running(scope: string, entryId: string): EntryRun | undefined
  runOf(entry: EntryRecord): EntryRun
  keeping<Result>(run: EntryRun, work: () => Promise<Result>): Promise<Result>
  serially<Result>(scope: string, entryId: string, work: () => Promise<Result>): Promise<Result>
  reloadStored(entry: EntryRecord): Promise<void>
  drop(scope: string, entryId: string): void
}

/** The connection that a callback uses. `failed` records that the call has failed; null if no connection is in use. */
interface Ongoing {
  failed: ((error: unknown) => void) | null
}

/** A callback that runs, and its deadline. */
interface Running {
  readonly ongoing: Ongoing
  readonly work: Work
  readonly options: UseOptions
  readonly deadline: Call
}

/** Runs callbacks of hosts with the client of an entry, and detects a rejected credential. */
export class Use {
  readonly #core: Core
  readonly #entries: RunningEntries

  constructor(core: Core, entries: RunningEntries) {
    this.#core = core
    this.#entries = entries
  }

  /**
   * Runs a callback. After an {@link InvalidAuthError}, runs it again if the entry has a new connection.
   *
   * @throws InvalidInputError if the timeout is invalid, UnknownEntryError, WrongIntegrationError, EntryNotLoadedError,
   *   ReauthRequiredError, UseTimeoutError, and any error of the callback
   */
  async run(
    scope: string,
    entryId: string,
    domain: string,
    work: Work,
    options: UseOptions,
  ): Promise<unknown> {
    const problem = numberProblem('timeout', options.timeout, 'timeout')
    if (problem !== null) throw new InvalidInputError(problem, ['/timeout'])
    const ongoing: Ongoing = { failed: null }
    const late = () => {
      const error = new UseTimeoutError(entryId)
      ongoing.failed?.(error)
      return error
    }
    return underDeadline(this.#core.clock, options, late, async (deadline) => {
      // Without a wait for an entry that runs, so that a stop which begins now knows of the call.
      const run =
        this.#entries.running(scope, entryId) ?? this.#entries.runOf(await this.#entries.read(scope, entryId))
      if (run.domain !== domain) throw new WrongIntegrationError(entryId, run.domain)
      return this.#entries.keeping(run, () => this.#run(run, { work, options, deadline, ongoing }))
    })
  }

  async #run(run: EntryRun, { work, options, deadline, ongoing }: Running): Promise<unknown> {
    const wait = options.waitForReauth === true ? deadline.signal : null
    const on = async (live: LiveConnection) => {
      const begun = run.health.begin(live, this.#core.clock.now())
      ongoing.failed = (error) => run.callFailed(begun, error)
      try {
        const result = await live.use((client, call) => work(client, contextOf(call, live)), deadline)
        if (run.refusesCalls) run.send({ type: 'callPassed' })
        if (run.live === live) run.answered()
        return result
      } catch (error) {
        // The caller does not wait any more. Its timeout was counted.
        if (!deadline.aborted) run.callFailed(begun, error)
        throw error
      } finally {
        ongoing.failed = null
      }
    }
    const first = await run.accept(this.#ready(run, wait))
    try {
      return await on(first)
    } catch (error) {
      if (!(error instanceof InvalidAuthError)) throw error
      if (!(await this.#mayRunAgain(run, first)) && !(await this.#isRefused(run, first))) throw error
    }
    const second = await this.#ready(run, wait)
    try {
      return await on(second)
    } catch (error) {
      if (!(error instanceof InvalidAuthError) || !(await this.#isRefused(run, second))) throw error
    }
    return on(await this.#ready(run, wait))
  }

  /** Returns the connection of the entry, with a valid token. */
  async #ready(run: EntryRun, wait: AbortSignal | null): Promise<LiveConnection> {
    const { tokens } = this.#entries
    for (;;) {
      const live = await this.#loaded(run, wait)
      if (!tokens.renews(run.domain)) return live
      const begun = run.health.begin(live, this.#core.clock.now())
      const outcome = await tokens.ask(run)
      if (outcome.type === 'failed') {
        const error = tokens.failure(run, outcome)
        run.callFailed(begun, error)
        throw error
      }
      // The entry may have been unloaded during the refresh.
      if (outcome.type === 'fresh' && run.live !== live) continue
      if (outcome.type === 'fresh') return live
      // A probe finds out who must act.
      run.send({ type: 'tokenRejected' })
      await run.settled()
    }
  }

  /** Returns the connection of the entry, after it was compared with the store. */
  async #loaded(run: EntryRun, wait: AbortSignal | null): Promise<LiveConnection> {
    const { storeFailure } = run
    for (;;) {
      const { changes } = run
      await this.compare(run)
      while (run.working && run.live === null) await run.settled()
      const { live } = run
      if (live !== null) return live
      if (this.#core.lifetime.ended) throw new StoppedError()
      if (run.storeFailure !== storeFailure) throw run.storeFailure
      if (run.state === 'not_loaded') {
        await this.#entries.serially(run.scope, run.entryId, async () => {
          // The store may have failed for an earlier call.
          if (run.storeFailure !== storeFailure) return
          if (run.send({ type: 'setup', ...(await this.#storedFailure(run)) })) await run.settled()
        })
        if (run.storeFailure !== storeFailure || this.#core.lifetime.ended) continue
        // The entry was removed, or another task has interrupted the setup, such as a reload, which loads the entry.
        if (run.state === 'not_loaded')
          await this.#entries.serially(run.scope, run.entryId, () => this.#readOrDrop(run))
        if (run.live !== null || run.working) continue
      }
      const { retryAt } = run
      if (retryAt !== null) {
        if (retryAt > this.#core.clock.now())
          throw new EntryNotLoadedError(run.entryId, run.state, run.reason, retryAt)
        await this.#entries.serially(run.scope, run.entryId, async () => {
          // Another call may have retried already.
          if (run.retryAt === retryAt && run.send({ type: 'retry' })) await run.settled()
        })
        continue
      }
      if (run.state !== 'reauth_required') throw new EntryNotLoadedError(run.entryId, run.state, run.reason)
      if (wait === null) {
        const flow = await this.#entries.flows.starting.openEdit(run.scope, run.entryId)
        throw new ReauthRequiredError(run.entryId, flow?.flowId ?? null)
      }
      if (run.changes === changes) await this.#waitForChange(run, wait)
    }
  }

  /** Returns the stored failure of an entry that connects only for calls, so that the call waits for its backoff. */
  async #storedFailure(run: EntryRun): Promise<{ readonly failed?: FailedSetup }> {
    if (!run.lazy) return {}
    const { setupFailure } = await this.#entries.read(run.scope, run.entryId)
    if (setupFailure == null) return {}
    const { reason, tries, retryAt } = setupFailure
    const now = this.#core.clock.now()
    return { failed: { reason, tries, wait: isAhead(retryAt, now, MAX_RETRY_AFTER) ? retryAt - now : 0 } }
  }

  /** Whether to run the callback again after an authentication failure: the entry has another connection. */
  async #mayRunAgain(run: EntryRun, failed: LiveConnection): Promise<boolean> {
    run.noticeChange()
    await this.compare(run)
    // The connection was already replaced, or the entry was unloaded.
    if (run.live !== failed) return true
    // A probe has just accepted the credential.
    if (!run.send({ type: 'authFailed' })) return false
    await run.settled()
    return true
  }

  /** Counts a call that was refused on a new connection. Returns whether a user must sign in again. */
  async #isRefused(run: EntryRun, live: LiveConnection): Promise<boolean> {
    const { credentialRevision } = live
    if (run.live === live) run.send({ type: 'callRefused', at: this.#core.clock.now(), credentialRevision })
    await run.settled()
    return run.state === 'reauth_required'
  }

  /** Updates the running entry if its record has changed since the last comparison. */
  async compare(run: EntryRun): Promise<void> {
    if (!run.isUncompared) return
    const { scope, entryId, stamp } = run
    const entry = await this.#readOrDrop(run)
    run.compared(stamp)
    if (entry.disabled) {
      if (run.send({ type: 'unload' })) await run.settled()
      run.send({ type: 'disable' })
    } else if (run.state === 'disabled') {
      run.send({ type: 'enable' })
      if (this.#core.lazy && !run.lazy && run.send({ type: 'setup' })) await run.settled()
    } else if (run.live !== null && run.live.credentialRevision === entry.rejectedRevision) {
      // The probe reads the rejection, and does not ask the service.
      run.send({ type: 'tokenRejected' })
      await run.settled()
    } else if (this.#isOutdated(run, entry)) {
      await this.#entries.serially(scope, entryId, async () => {
        // Several calls may detect the change. Only the first reloads.
        if (this.#isOutdated(run, entry)) await this.#entries.reloadStored(entry)
      })
    }
  }

  /** Reads the entry, and drops the running one if it was removed. @throws UnknownEntryError, UnreadableRecordError */
  async #readOrDrop(run: EntryRun): Promise<EntryRecord> {
    const { scope, entryId } = run
    try {
      return await this.#entries.read(scope, entryId)
    } catch (error) {
      if (!(error instanceof UnknownEntryError)) throw error
      if (run.send({ type: 'unload' })) await run.settled()
      this.#entries.drop(scope, entryId)
      throw error
    }
  }

  /** Whether the stored entry has changes that the running one does not have. */
  #isOutdated(run: EntryRun, entry: EntryRecord): boolean {
    const { credentialRevision, rejectedRevision, domain, migrationError } = entry
    const { live } = run
    if (live !== null)
      return (
        live.credentialRevision < credentialRevision ||
        live.subentriesRevision < (entry.subentries?.revision ?? 0) ||
        !jsonEqual(live.storedOptions, entry.options)
      )
    // Another process has connected.
    if (run.retryAt !== null) return entry.setupFailure == null && !run.isLost
    // Another try does not help, except with another credential or other options.
    if (run.state === 'setup_error' && !run.working) return run.work.hasTriedOther(entry)
    if (run.state === 'migration_error' && !run.working)
      return migrationError === null && versionMisfit(integrationOf(this.#core, domain), entry) === null
    return run.state === 'reauth_required' && !run.working && rejectedRevision !== credentialRevision
  }

  /** Resolves after a step of the entry, or after another process has changed its record. */
  #waitForChange(run: EntryRun, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        stopWatching()
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = () => finish(() => reject(signal.reason))
      const stopWatching = run.watch(() => finish(resolve))
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}

/** Returns the context of a callback. The signal is created on first access. */
const contextOf = (call: Call, { options }: LiveConnection): UseContext => ({
  get signal() {
    return call.signal
  },
  options,
})
