import { ScopeError, StoppedError } from '../errors.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { Latchkey, ScopedLatchkey } from './api/latchkey.ts'
import { Attention } from './entries/attention.ts'
import { Entries } from './entries/entries.ts'
import { EntryActions } from './entries/entry-actions.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import type { Localizer } from './language/localizer.ts'
import { loggedError } from './lib/redact.ts'
import { checkEntry } from './records/entry-record.ts'
import { checkScope, scopedApi } from './scoped-api.ts'
import { Sweep } from './sweep.ts'

const DEFAULT_SCOPE = 'default'

const PAGE_SIZE = 100

const MAX_CONCURRENT_SETUPS = 32

/** Creates the parts of the engine and the public API. Loads all entries at start, and unloads them at the end. */
export class Engine {
  readonly #core: Core
  readonly #entries: Entries
  readonly #actions: EntryActions
  readonly #attention: Attention
  readonly #sweep: Sweep
  #stopping: Promise<void> | null = null

  constructor(core: Core) {
    this.#core = core
    this.#entries = new Entries(core)
    this.#actions = new EntryActions(core, this.#entries)
    this.#attention = new Attention(core, this.#entries)
    this.#sweep = new Sweep(core, this.#entries.flows)
  }

  latchkey(scopesRequired: boolean): Latchkey {
    const { languages } = this.#core
    return {
      ...this.#scoped(scopesRequired ? null : DEFAULT_SCOPE, languages.localizer),
      signIns: {
        redirect: async (flowId, browser) => this.#running.codeSignIns.redirect(flowId, browser),
        finish: async (cameBack) => this.#running.codeSignIns.finish(cameBack),
      },
      languages: languages.tags,
      scope: (name, options) => this.#scoped(checkScope(name), languages.localizerFor(options?.language)),
      start: () => this.#start(),
      stop: () => {
        this.#stopping ??= this.#stop()
        return this.#stopping
      },
    }
  }

  /** The flows. @throws StoppedError after `stop()` */
  get #running(): Flows {
    if (this.#stopped) throw new StoppedError()
    return this.#entries.flows
  }

  #scoped(scope: string | null, own: Localizer): ScopedLatchkey {
    const scopeName = (): string => {
      if (this.#stopped) throw new StoppedError()
      if (scope === null) throw new ScopeError('A scope is required. Call latchkey.scope(name).')
      return scope
    }
    const parts = {
      core: this.#core,
      entries: this.#entries,
      actions: this.#actions,
      attention: this.#attention,
    }
    return scopedApi({ ...parts, scopeName, own })
  }

  async #start(): Promise<void> {
    if (this.#stopped) throw new StoppedError()
    this.#sweep.start()
    const held: Promise<void>[] = []
    for (const scope of await this.#core.store.scopes()) await this.#setUpAll(scope, held)
    await Promise.all(held)
  }

  /**
   * Sets up the entries of a scope. An entry whose token another process refreshes is added to `held`, so that the
   * others need not wait for it.
   */
  async #setUpAll(scope: string, held: Promise<void>[]): Promise<void> {
    const { tokens } = this.#entries
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
    } while (after !== undefined && !this.#stopped)
  }

  async #setUp(stored: EntryRecord): Promise<void> {
    const { scope, entryId } = stored
    try {
      const entry = checkEntry(stored)
      const run = this.#entries.runOf(entry)
      await this.#entries.serially(scope, entryId, async () => {
        if (this.#stopped) return
        if (entry.disabled) run.send({ type: 'disable' })
        else if (run.send({ type: 'setup' })) await run.settled()
      })
    } catch (error) {
      this.#entries.noticeUnreadable(scope, entryId)
      this.#core.log.error('An entry could not be set up.', { scope, entryId, error: loggedError(error) })
    }
  }

  get #stopped(): boolean {
    return this.#stopping !== null
  }

  async #stop(): Promise<void> {
    await this.#sweep.stop()
    await this.#entries.tokens.stop()
    this.#core.connector.calls.stop()
    for (const run of this.#entries.runs()) run.stopTimers()
    await this.#entries.flows.settled()
    await this.#entries.flows.close()
    for (const run of [...this.#entries.runs()]) {
      run.stopTimers()
      if (run.working) await run.settled()
      if (run.send({ type: 'unload' })) await run.settled()
    }
    await this.#core.store.close()
  }
}
