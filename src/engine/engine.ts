import { DRAIN_TIMEOUT } from '../../machines/config-entry-setup.ts'
import { ScopeError, StoppedError } from '../errors.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { LatchkeyEventType, Listener } from './api/events.ts'
import type { Latchkey, PageQuery, Readiness, ScopedLatchkey, ScopePage } from './api/latchkey.ts'
import { Attention } from './entries/attention.ts'
import { AttentionWatch, isOfWatch } from './entries/attention-watch.ts'
import { Entries } from './entries/entries.ts'
import { EntryActions } from './entries/entry-actions.ts'
import { EntryLists } from './entries/entry-lists.ts'
import { refreshDue } from './entries/refresh-due.ts'
import { StrayEntries } from './entries/stray-entries.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import { reportEvents } from './kernel/report-events.ts'
import { KeyRotation } from './keys/key-rotation.ts'
import type { Localizer } from './language/localizer.ts'
import { noTelemetry } from './lib/contained-telemetry.ts'
import { endsWithin, Timeout } from './lib/deadline.ts'
import { ignore } from './lib/ignore.ts'
import { loggedError } from './lib/redact.ts'
import { StoreCheck } from './readiness.ts'
import { allScopes } from './records/all-scopes.ts'
import { checkEntry } from './records/entry-record.ts'
import { informServices } from './removals/inform-services.ts'
import { checkScope, scopedApi } from './scoped-api.ts'
import { Shutdown } from './shutdown.ts'
import { noticeExpiring } from './tasks/notice-expiring.ts'
import { purgeChanges } from './tasks/purge-changes.ts'
import { purgeHistory } from './tasks/purge-history.ts'
import { refreshTokens } from './tasks/refresh-tokens.ts'
import { SettleDue } from './tasks/settle-due.ts'
import { Tasks } from './tasks/tasks.ts'
import { DeliverWebhooks } from './webhooks/deliver-webhooks.ts'
import { Deliveries } from './webhooks/deliveries.ts'
import { queueWebhooks } from './webhooks/queue-webhooks.ts'
import { Webhooks } from './webhooks/webhooks.ts'

const DEFAULT_SCOPE = 'default'

const PAGE_SIZE = 100

/** The maximum number of scopes in a page. */
const MAX_SCOPES = 1_000

const MAX_CONCURRENT_SETUPS = 32

/** The time of a store to close after all other times of `stop()` have elapsed, in milliseconds. */
const CLOSE_TIMEOUT = 1_000

/** Creates the parts of the engine and the public API. Loads all entries at start, and unloads them at the end. */
export class Engine {
  readonly #core: Core
  readonly #entries: Entries
  readonly #actions: EntryActions
  readonly #attention: Attention
  readonly #watch: AttentionWatch
  readonly #lists: EntryLists
  readonly #webhooks: Webhooks
  readonly #tasks: Tasks
  readonly #endReports: () => void
  readonly #shutdown: Shutdown
  readonly #storeCheck: StoreCheck
  #started = false
  /** Whether the store is closing. Not even reads are answered then. */
  #closed = false

  constructor(core: Core) {
    this.#core = core
    this.#entries = new Entries(core)
    this.#actions = new EntryActions(core, this.#entries)
    this.#attention = new Attention(core, this.#entries)
    this.#watch = new AttentionWatch(core, this.#attention)
    const strays = new StrayEntries(core, this.#entries)
    this.#lists = new EntryLists(core, this.#entries, this.#attention, strays)
    const deliveries = new Deliveries(core)
    this.#webhooks = new Webhooks(core, deliveries)
    this.#tasks = new Tasks(core, [
      new SettleDue(core, this.#entries.flows),
      noticeExpiring(core),
      ...(core.lazy ? [refreshTokens(core, (entry) => refreshDue(core, this.#entries, entry))] : []),
      purgeHistory(core),
      purgeChanges(core),
      queueWebhooks(core),
      new DeliverWebhooks(core, deliveries),
      informServices(core),
    ])
    this.#shutdown = new Shutdown(core.clock, () => this.#stop())
    this.#storeCheck = new StoreCheck(core)
    this.#endReports = core.telemetry === noTelemetry ? ignore : reportEvents(core)
  }

  latchkey(scopesRequired: boolean): Latchkey {
    const { languages, log } = this.#core
    return {
      log,
      ...this.#scoped(scopesRequired ? null : DEFAULT_SCOPE, languages.localizer),
      signIns: {
        redirect: async (flowId, browser) => this.#running.codeSignIns.redirect(flowId, browser),
        finish: async (cameBack) => this.#running.codeSignIns.finish(cameBack),
      },
      keys: new KeyRotation(this.#core),
      languages: languages.tags,
      scope: (name, options) => this.#scoped(checkScope(name), languages.localizerFor(options?.language)),
      scopes: (query) => this.#scopes(query),
      onAll: (type, listener) => this.#onAll(type, listener),
      stopping: this.#core.lifetime.signal,
      start: () => this.#start(),
      stop: (options) => this.#shutdown.begin(options),
      readiness: () => this.#readiness(),
    }
  }

  #onAll<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void {
    const stop = this.#core.events.on(type, listener)
    const unhear = isOfWatch(type) ? this.#watch.hearAll() : ignore
    return () => {
      stop()
      unhear()
    }
  }

  async #scopes({ after, limit = PAGE_SIZE }: PageQuery = {}): Promise<ScopePage> {
    if (this.#closed) throw new StoppedError()
    const most = Math.min(Math.max(Math.trunc(limit) || 1, 1), MAX_SCOPES)
    const query = { limit: most + 1, ...(after !== undefined && { after }) }
    const found = await this.#core.store.scopes(query)
    const items = found.slice(0, most)
    return { items, next: found.length > most ? String(items.at(-1)) : null }
  }

  /** The flows. @throws StoppedError after `stop()` was called */
  get #running(): Flows {
    if (this.#core.lifetime.ended) throw new StoppedError()
    return this.#entries.flows
  }

  #scoped(scope: string | null, own: Localizer): ScopedLatchkey {
    const scopeName = (call: 'read' | 'work'): string => {
      if (this.#closed || (call === 'work' && this.#core.lifetime.ended)) throw new StoppedError()
      if (scope === null) throw new ScopeError('A scope is required. Call latchkey.scope(name).')
      this.#watch.touch(scope)
      return scope
    }
    const parts = {
      core: this.#core,
      entries: this.#entries,
      actions: this.#actions,
      attention: this.#attention,
      watch: this.#watch,
      lists: this.#lists,
      webhooks: this.#webhooks,
    }
    return scopedApi({ ...parts, scopeName, own })
  }

  async #start(): Promise<void> {
    const { store, lifetime, lazy } = this.#core
    if (lifetime.ended) throw new StoppedError()
    await this.#tasks.start()
    const held: Promise<void>[] = []
    try {
      await this.#watch.starting(async () => {
        if (lazy) await this.#entries.owned.start()
        else for await (const scope of allScopes(store)) await this.#setUpAll(scope, held)
        await Promise.all(held)
      })
    } catch (error) {
      // The store was closed.
      throw lifetime.ended ? new StoppedError() : error
    }
    this.#started = true
  }

  async #readiness(): Promise<Readiness> {
    if (this.#shutdown.begun) return { ready: false, reason: 'stopping' }
    return this.#started ? this.#storeCheck.run() : { ready: false, reason: 'not_started' }
  }

  /**
   * Sets up the entries of a scope. An entry whose token another process refreshes is added to `held`, so that the
   * others need not wait for it.
   */
  async #setUpAll(scope: string, held: Promise<void>[]): Promise<void> {
    const { tokens } = this.#entries
    await this.#watch.ready(scope)
    const stored = this.#storedEntries(scope)
    const worker = async () => {
      for (let next = await stored.next(); next.done !== true; next = await stored.next()) {
        const setUp = this.#setUp(next.value)
        if ((await tokens.settledOrHeld(next.value, setUp)) === 'held') held.push(setUp)
      }
    }
    await Promise.all(Array.from({ length: MAX_CONCURRENT_SETUPS }, worker))
  }

  async *#storedEntries(scope: string): AsyncGenerator<EntryRecord, undefined> {
    let after: string | undefined
    do {
      const page = await this.#core.store.findEntries(scope, {
        ignored: false,
        limit: PAGE_SIZE,
        ...(after !== undefined && { after }),
      })
      for (const entryId of page.unreadable) this.#entries.noticeUnreadable(scope, entryId)
      yield* page.items
      after = page.next ?? undefined
    } while (after !== undefined && !this.#core.lifetime.ended)
  }

  async #setUp(stored: EntryRecord): Promise<void> {
    const { scope, entryId } = stored
    try {
      const entry = checkEntry(stored)
      const run = this.#entries.runOf(entry)
      await this.#entries.serially(scope, entryId, async () => {
        if (this.#core.lifetime.ended) return
        if (entry.disabled) run.send({ type: 'disable' })
        else if (run.send({ type: 'setup' })) await run.settled()
      })
    } catch (error) {
      this.#entries.noticeUnreadable(scope, entryId)
      this.#core.log.error({ scope, entryId, error: loggedError(error) }, 'An entry could not be set up.')
    }
  }

  /** Ends all work in parallel: in 10 seconds for running calls, and the timeout of the slowest `dispose`. */
  async #stop(): Promise<void> {
    const { store, clock, log, lifetime, connector, changes } = this.#core
    const { flows, tokens } = this.#entries
    lifetime.end()
    this.#entries.idle.stop()
    this.#entries.owned.stop()
    connector.calls.stop()
    const calls = new Timeout(clock, DRAIN_TIMEOUT)
    const all = new Timeout(clock, DRAIN_TIMEOUT + this.#disposeTimeout)
    const closing = flows.settled().then(() => flows.close())
    const following = changes.stop().then(() => this.#entries.follower.settled())
    const ending = [this.#tasks.stop(), tokens.stop(), this.#core.background.settled(), closing, following]
    const working = Promise.allSettled(ending)
    const runs = [...this.#entries.runs()]
    const unloading = Promise.allSettled([flows.close(), ...runs.map((run) => run.stop(calls.elapsed))])
    const haveEnded = [endsWithin(calls, working), endsWithin(all, unloading)] as const
    void calls.elapsed.then(() => {
      connector.calls.cancel()
      for (const run of runs) run.giveUpCalls()
    })
    const [haveCallsEnded, isUnloaded] = await Promise.all(haveEnded)
    if (!haveCallsEnded || !isUnloaded) log.warn({}, 'Latchkey stops before all of its work has ended.')
    await endsWithin(calls, this.#core.leases.stop())
    this.#closed = true
    const rest = isUnloaded ? all : new Timeout(clock, CLOSE_TIMEOUT)
    try {
      if (!(await endsWithin(rest, store.close()))) log.warn({}, 'The store was not closed in time.')
    } finally {
      this.#endReports()
      for (const timeout of [calls, all, rest]) timeout.clear()
    }
  }

  /** The timeout of the slowest `dispose`. */
  get #disposeTimeout(): number {
    const { connector, integrations } = this.#core
    return Math.max(
      connector.disposeTimeoutOf(undefined),
      ...[...integrations.values()].map((compiled) => connector.disposeTimeoutOf(compiled)),
    )
  }
}
