import type { AnyIntegration, ClientOf, OptionsOf } from '../authoring/integration.ts'
import { FlowEndedError, ScopeError, StaleRevisionError } from '../errors.ts'
import type { View } from '../view.ts'
import type { AttentionItem, EntryPage, EntryView, UseContext } from './api/entries.ts'
import type { ViewPage } from './api/flows.ts'
import type { LanguageChoice, PageQuery, ScopedLatchkey } from './api/latchkey.ts'
import type { Authorizing } from './api/sign-ins.ts'
import type { Attention } from './entries/attention.ts'
import type { Entries } from './entries/entries.ts'
import { type EntryActions, removeSubentry } from './entries/entry-actions.ts'
import type { Core } from './kernel/core.ts'
import type { Localizer } from './language/localizer.ts'
import { HOST } from './lib/principals.ts'
import { otherProcessChanges } from './records/other-process-changes.ts'

const PAGE = 100

const MAX_PAGE = 1_000

/** The parts of the engine that serve the calls of a scope. */
interface Parts {
  readonly core: Core
  readonly entries: Entries
  readonly actions: EntryActions
  readonly attention: Attention
  /** Returns the scope of the calls. @throws StoppedError, ScopeError */
  readonly at: () => string
  /** The language of calls that name no other. */
  readonly own: Localizer
}

type Localize<Answer> = (localizer: Localizer, answer: Answer) => Answer

const view: Localize<View> = (localizer, answer) => localizer.view(answer)

const views: Localize<ViewPage> = (localizer, page) => ({
  ...page,
  items: page.items.map((item) => localizer.view(item)),
})

const signIn: Localize<Authorizing> = (localizer, answer) => ({
  ...answer,
  view: localizer.view(answer.view),
})

const entry: Localize<EntryView> = (localizer, answer) => localizer.entry(answer)

const entryPage: Localize<EntryPage> = (localizer, page) => ({
  ...page,
  items: page.items.map((item) => localizer.entry(item)),
})

const item: Localize<AttentionItem | null> = (localizer, answer) => answer && localizer.attention(answer)

const items: Localize<readonly AttentionItem[]> = (localizer, answer) =>
  answer.map((one) => localizer.attention(one))

/** Returns the calls of one scope, in one language unless a call names another. */
export function scopedApi({ core, entries, actions, attention, at, own }: Parts): ScopedLatchkey {
  const { languageTexts } = core
  const { flows, calls } = entries
  const say = async <Answer>(
    options: LanguageChoice | undefined,
    localize: Localize<Answer>,
    call: (scope: string) => Promise<Answer>,
  ): Promise<Answer> => {
    const localizer = options?.language === undefined ? own : languageTexts.in(options.language)
    const answer = call(at())
    // The engine answers in the language of the host.
    return localizer === languageTexts.localizer
      ? answer
      : localized(answer, (told) => localize(localizer, told))
  }
  return {
    flows: {
      start: (request, by) => say(by, view, (scope) => flows.start(scope, request, by)),
      submit: (id, input, options) => say(options, view, (scope) => flows.submit(scope, id, input, options)),
      choose: (id, choice, options) =>
        say(options, view, (scope) => flows.choose(scope, id, choice, options)),
      back: (id, options) => say(options, view, (scope) => flows.back(scope, id, options)),
      authorize: (id, options) =>
        say(options, signIn, (scope) => flows.codeSignIns.begin(scope, id, options)),
      poll: (id, by) => say(by, view, (scope) => flows.deviceSignIns.poll(scope, id, by?.principal ?? HOST)),
      get: (id, options) => say(options, view, (scope) => flows.get(scope, id)),
      list: (query) => say(query, views, (scope) => flows.list(scope, { open: true, ...pageOf(query) })),
      cancel: (id, by) => say(by, view, (scope) => flows.cancel(scope, id, by?.principal)),
      ignore: (id, by) => say(by, view, (scope) => flows.ignore(scope, id, by?.principal)),
    },
    entries: {
      get: (id, options) => say(options, entry, (scope) => entries.get(scope, id)),
      list: (query) =>
        say(query, entryPage, (scope) => entries.list(scope, { ignored: false, ...pageOf(query) })),
      update: (id, change, by) => say(by, entry, (scope) => actions.update(scope, id, change, by)),
      setup: (id, options) => say(options, entry, (scope) => actions.setup(scope, id)),
      unload: (id, options) => say(options, entry, (scope) => actions.unload(scope, id, options)),
      reload: (id, options) => say(options, entry, (scope) => actions.reload(scope, id, options)),
      enable: (id, by) => say(by, entry, (scope) => actions.enable(scope, id, by?.principal)),
      disable: (id, by) => say(by, entry, (scope) => actions.disable(scope, id, by?.principal)),
      remove: async (id, by) => actions.remove(at(), id, by?.principal),
      removeSubentry: (entryId, subentryId, by) =>
        say(by, entry, (scope) =>
          removeSubentry(core, entries, { scope, entryId, subentryId, who: by?.principal ?? HOST }),
        ),
      dismissProposal: (id, by) =>
        say(by, entry, (scope) => actions.dismissProposal(scope, id, by?.principal)),
      requestReauth: (id, by) => say(by, view, (scope) => actions.requestReauth(scope, id, by?.principal)),
      revokeLinks: async (id, by) => actions.revokeLinks(at(), id, by?.principal),
      resetAttempts: async (id, by) => actions.resetAttempts(at(), id, by?.principal),
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
        return (await calls.run(at(), entryId, integration.domain, run, options)) as Result
      },
    },
    attention: {
      list: (options) => say(options, items, (scope) => attention.list(scope)),
      get: (id, options) => say(options, item, (scope) => attention.get(scope, id)),
    },
    integrations: own.integrations,
    language: own.language,
    history: async (entryId, query) => core.store.readAudit(at(), entryId, pageOf(query)),
    otherProcessChanges: async (since) => otherProcessChanges(core.store, at(), since),
    on: (type, listener) => {
      const scope = at()
      return core.events.on(type, (event) => {
        if (event.scope === scope) listener(event)
      })
    },
  }
}

/** Checks the name of a scope. @throws ScopeError */
export function checkScope(name: string): string {
  if (typeof name !== 'string' || !/^[^\p{Cc}]{1,128}$/u.test(name)) {
    throw new ScopeError('The name of a scope is 1 to 128 characters, none of them a control character.')
  }
  return name
}

/** A query of a page without the language, its limit between 1 and 1,000. */
function pageOf<Query extends PageQuery & LanguageChoice>({ language: _, ...query }: Query = {} as Query) {
  const limit = Math.trunc(query.limit ?? PAGE) || 1
  return { ...query, limit: Math.min(Math.max(1, limit), MAX_PAGE) }
}

/** The answer in another language, and the current view that a refusal carries. */
async function localized<Answer>(
  answer: Promise<Answer>,
  localize: (answer: Answer) => Answer,
): Promise<Answer> {
  try {
    return localize(await answer)
  } catch (error) {
    if (error instanceof StaleRevisionError) throw new StaleRevisionError(localize(error.view))
    if (error instanceof FlowEndedError) throw new FlowEndedError(localize(error.view))
    throw error
  }
}
