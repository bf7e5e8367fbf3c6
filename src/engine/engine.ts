import type { AnyIntegration, ClientOf, OptionsOf } from '../authoring/integration.ts'
import { ScopeError, StoppedError } from '../errors.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { UseContext } from './api/entries.ts'
import type { Latchkey, PageQuery, ScopedLatchkey } from './api/latchkey.ts'
import { Attention } from './entries/attention.ts'
import { Entries } from './entries/entries.ts'
import { EntryActions, removeSubentry } from './entries/entry-actions.ts'
import type { Flows } from './flows/flows.ts'
import type { Core } from './kernel/core.ts'
import { localizedApi } from './language/localized-api.ts'
import { HOST } from './lib/principals.ts'
import { loggedError } from './lib/redact.ts'
import { checkEntry } from './records/entry-record.ts'
import { otherProcessChanges } from './records/other-process-changes.ts'
import { Sweep } from './sweep.ts'

const DEFAULT_SCOPE = 'default'

const PAGE = 100

const LARGEST_PAGE = 1_000

const SETUPS_AT_ONCE = 32

/** The parts of the engine, put together; and the calls that hosts make, bound to a scope. */
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
    const { languageTexts } = this.#core
    return {
      ...localizedApi(
        this.#scoped(scopesRequired ? null : DEFAULT_SCOPE),
        languageTexts,
        languageTexts.localizer,
      ),
      signIns: {
        redirect: async (flowId, browser) => this.#running.codeSignIns.redirect(flowId, browser),
        finish: async (cameBack) => this.#running.codeSignIns.finish(cameBack),
      },
      languages: languageTexts.languages,
      scope: (name, options) =>
        localizedApi(this.#scoped(checkScope(name)), languageTexts, languageTexts.in(options?.language)),
      start: () => this.#start(),
      stop: () => {
        this.#stopping ??= this.#stop()
        return this.#stopping
      },
    }
  }

  /** The flows, before the end. @throws StoppedError */
  get #running(): Flows {
    if (this.#stopped) throw new StoppedError()
    return this.#entries.flows
  }

  #scoped(scope: string | null): ScopedLatchkey {
    const { languageTexts } = this.#core
    const { flows } = this.#entries
    const actions = this.#actions
    /** Where a call goes: refused without a scope, and after the end. */
    const at = (): string => {
      if (this.#stopped) throw new StoppedError()
      if (scope === null) throw new ScopeError('Name a scope: latchkey.scope(name).')
      return scope
    }
    return {
      flows: {
        start: async (request, by) => flows.start(at(), request, by),
        submit: async (flowId, input, options) => flows.submit(at(), flowId, input, options),
        choose: async (flowId, choice, options) => flows.choose(at(), flowId, choice, options),
        back: async (flowId, options) => flows.back(at(), flowId, options),
        authorize: async (flowId, options) => flows.codeSignIns.begin(at(), flowId, options),
        poll: async (flowId, by) => flows.deviceSignIns.poll(at(), flowId, by?.principal ?? HOST),
        get: async (flowId) => flows.get(at(), flowId),
        list: async (query) => flows.list(at(), { open: true, ...query, limit: limitOf(query) }),
        cancel: async (flowId, by) => flows.cancel(at(), flowId, by?.principal),
        ignore: async (flowId, by) => flows.ignore(at(), flowId, by?.principal),
      },
      entries: {
        get: async (entryId) => this.#entries.get(at(), entryId),
        list: async (query) => this.#entries.list(at(), { ignored: false, ...query, limit: limitOf(query) }),
        update: async (entryId, change, by) => actions.update(at(), entryId, change, by),
        setup: async (entryId) => actions.setup(at(), entryId),
        unload: async (entryId, options) => actions.unload(at(), entryId, options),
        reload: async (entryId, options) => actions.reload(at(), entryId, options),
        enable: async (entryId, by) => actions.enable(at(), entryId, by?.principal),
        disable: async (entryId, by) => actions.disable(at(), entryId, by?.principal),
        remove: async (entryId, by) => actions.remove(at(), entryId, by?.principal),
        removeSubentry: async (entryId, subentryId, by) =>
          removeSubentry(this.#core, this.#entries, {
            ...{ scope: at(), entryId, subentryId, who: by?.principal ?? HOST },
          }),
        dismissProposal: async (entryId, by) => actions.dismissProposal(at(), entryId, by?.principal),
        requestReauth: async (entryId, by) => actions.requestReauth(at(), entryId, by?.principal),
        revokeLinks: async (entryId, by) => actions.revokeLinks(at(), entryId, by?.principal),
        resetAttempts: async (entryId, by) => actions.resetAttempts(at(), entryId, by?.principal),
        use: async <Integration extends AnyIntegration, Result>(
          integration: Integration,
          entryId: string,
          work: (
            client: ClientOf<Integration>,
            context: UseContext<OptionsOf<Integration>>,
          ) => Result | Promise<Result>,
          options = {},
        ) => {
          const run = (client: unknown, context: UseContext) =>
            work(client as ClientOf<Integration>, context as UseContext<OptionsOf<Integration>>)
          return (await this.#entries.calls.run(at(), entryId, integration.domain, run, options)) as Result
        },
      },
      attention: {
        list: async () => this.#attention.list(at()),
        get: async (entryId) => this.#attention.get(at(), entryId),
      },
      integrations: languageTexts.localizer.integrations,
      language: languageTexts.localizer.language,
      history: async (entryId, query) =>
        this.#core.store.readAudit(at(), entryId, { ...query, limit: limitOf(query) }),
      otherProcessChanges: async (since) => otherProcessChanges(this.#core.store, at(), since),
      on: (type, listener) => {
        const own = at()
        return this.#core.events.on(type, (event) => {
          if (event.scope === own) listener(event)
        })
      },
    }
  }

  async #start(): Promise<void> {
    if (this.#stopped) throw new StoppedError()
    this.#sweep.start()
    for (const scope of await this.#core.store.scopes()) await this.#setUpAll(scope)
  }

  async #setUpAll(scope: string): Promise<void> {
    let after: string | undefined
    do {
      const page = await this.#core.store.findEntries(scope, {
        ignored: false,
        limit: PAGE,
        ...(after !== undefined && { after }),
      })
      for (const entryId of page.unreadable) this.#attention.markUnreadable(scope, entryId)
      const waiting = [...page.items]
      const lane = async () => {
        for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
          await this.#setUp(entry)
      }
      await Promise.all(Array.from({ length: SETUPS_AT_ONCE }, lane))
      after = page.next ?? undefined
    } while (after !== undefined && !this.#stopped)
  }

  async #setUp(stored: EntryRecord): Promise<void> {
    const { scope, entryId } = stored
    try {
      const entry = checkEntry(stored)
      if (!this.#core.integrations.has(entry.domain)) {
        this.#core.log.warn('An entry has no integration.', { scope, entryId, domain: entry.domain })
        return
      }
      const run = this.#entries.runOf(entry)
      await this.#entries.serially(scope, entryId, async () => {
        if (this.#stopped) return
        if (entry.disabled) run.send({ type: 'disable' })
        else if (run.send({ type: 'setup' })) await run.settled()
      })
    } catch (error) {
      this.#attention.markUnreadable(scope, entryId)
      this.#core.log.error('An entry could not be set up.', { scope, entryId, error: loggedError(error) })
    }
  }

  /** Whether `stop()` has been called. */
  get #stopped(): boolean {
    return this.#stopping !== null
  }

  async #stop(): Promise<void> {
    await this.#sweep.stop()
    await this.#entries.tokens.stop()
    this.#core.connector.calls.stop()
    await this.#entries.flows.settled()
    await this.#entries.flows.close()
    for (const run of [...this.#entries.runs()]) {
      run.stopTimer()
      if (run.working) await run.settled()
      if (run.send({ type: 'unload' })) await run.settled()
      run.stopTimer()
    }
    await this.#core.store.close()
  }
}

/** @throws ScopeError where it cannot be a scope's name */
function checkScope(name: string): string {
  if (typeof name !== 'string' || !/^[^\p{Cc}]{1,128}$/u.test(name)) {
    throw new ScopeError('The name of a scope is 1 to 128 characters, none of them a control character.')
  }
  return name
}

function limitOf(query: PageQuery | undefined): number {
  const limit = query?.limit ?? PAGE
  return Math.min(Math.max(1, Math.trunc(limit) || 1), LARGEST_PAGE)
}
