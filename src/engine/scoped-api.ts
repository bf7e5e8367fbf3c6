import type { AnyIntegration, ClientOf, OptionsOf } from '../authoring/integration.ts'
import { FlowEndedError, ScopeError, StaleRevisionError } from '../errors.ts'
import type { View } from '../view.ts'
import type {
  AttentionItem,
  AttentionPage,
  Diagnostics,
  EntryPage,
  EntryView,
  UseContext,
} from './api/entries.ts'
import type { ViewPage } from './api/flows.ts'
import type { LanguageChoice, PageQuery, ScopedLatchkey } from './api/latchkey.ts'
import type { Authorizing } from './api/sign-ins.ts'
import type { Attention } from './entries/attention.ts'
import { type AttentionWatch, isOfWatch } from './entries/attention-watch.ts'
import { checkQuery } from './entries/check-query.ts'
import { diagnosticsOf } from './entries/diagnostics.ts'
import type { Entries } from './entries/entries.ts'
import { type EntryActions, removeSubentry } from './entries/entry-actions.ts'
import type { EntryLists } from './entries/entry-lists.ts'
import { optionsForm } from './entries/options-form.ts'
import type { Core } from './kernel/core.ts'
import type { Localizer } from './language/localizer.ts'
import { ignore } from './lib/ignore.ts'
import { HOST } from './lib/principals.ts'
import { historyPage } from './records/history-page.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

const DEFAULT_LIMIT = 100

const MAX_LIMIT = 1_000

/** The parts of the engine that implement the API. */
interface Parts {
  readonly core: Core
  readonly entries: Entries
  readonly actions: EntryActions
  readonly attention: Attention
  readonly watch: AttentionWatch
  readonly lists: EntryLists
  readonly webhooks: Webhooks
  /** Returns the scope. A stopping engine still accepts calls that only read. @throws StoppedError, ScopeError */
  readonly scopeName: (call: 'read' | 'work') => string
  /** The language of calls that specify none. */
  readonly own: Localizer
}

type Localize<Answer> = (localizer: Localizer, answer: Answer) => Answer

const view: Localize<View> = (localizer, answer) => localizer.view(answer)

const form: Localize<View | null> = (localizer, answer) => answer && localizer.view(answer)

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
  answer.map((item) => localizer.attention(item))

const itemPage: Localize<AttentionPage> = (localizer, page) => ({
  ...page,
  items: page.items.map((item) => localizer.attention(item)),
})

const report: Localize<Diagnostics> = (localizer, diagnostics) => ({
  ...diagnostics,
  entry: diagnostics.entry && localizer.entry(diagnostics.entry),
  attention: item(localizer, diagnostics.attention),
})

/** Returns the API of one scope. Its texts are in one language, unless a call specifies another. */
export function scopedApi({
  core,
  entries,
  actions,
  attention,
  watch,
  lists,
  webhooks,
  scopeName,
  own,
}: Parts): ScopedLatchkey {
  const { languages } = core
  const { flows, calls } = entries
  const localizedBy = async <Answer>(
    options: LanguageChoice | undefined,
    localize: Localize<Answer>,
    call: () => Promise<Answer>,
  ): Promise<Answer> => {
    const localizer = options?.language === undefined ? own : languages.localizerFor(options.language)
    // The result is in the host's language already.
    return localizer === languages.localizer
      ? call()
      : localized(call(), (answer) => localize(localizer, answer))
  }
  const localizing = <Answer>(
    options: LanguageChoice | undefined,
    localize: Localize<Answer>,
    call: (scope: string) => Promise<Answer>,
  ): Promise<Answer> => localizedBy(options, localize, async () => call(scopeName('work')))
  const reading = async <Answer>(call: (scope: string) => Promise<Answer>): Promise<Answer> => {
    try {
      return await call(scopeName('read'))
    } catch (error) {
      // The store may have closed during the call.
      scopeName('read')
      throw error
    }
  }
  const localizedRead = <Answer>(
    options: LanguageChoice | undefined,
    localize: Localize<Answer>,
    call: (scope: string) => Promise<Answer>,
  ): Promise<Answer> => localizedBy(options, localize, () => reading(call))
  const named = (webhookId: string) => ({ scope: scopeName('work'), webhookId })
  const start: ScopedLatchkey['flows']['start'] = (request, by) =>
    localizing(by, view, (scope) => flows.start(scope, request, by))
  return {
    flows: {
      start,
      submit: (id, input, options) =>
        localizing(options, view, (scope) => flows.submit(scope, id, input, options)),
      choose: (id, choice, options) =>
        localizing(options, view, (scope) => flows.choose(scope, id, choice, options)),
      retry: (id, options) => localizing(options, view, (scope) => flows.retry(scope, id, options)),
      back: (id, options) => localizing(options, view, (scope) => flows.back(scope, id, options)),
      authorize: (id, options) =>
        localizing(options, signIn, (scope) => flows.codeSignIns.begin(scope, id, options)),
      poll: (id, by) =>
        localizing(by, view, (scope) => flows.deviceSignIns.poll(scope, id, by?.principal ?? HOST)),
      get: (id, options) => localizedRead(options, view, (scope) => flows.get(scope, id)),
      list: (query) =>
        localizedRead(query, views, (scope) => flows.list(scope, { open: true, ...pageOf(query) })),
      cancel: (id, by) => localizing(by, view, (scope) => flows.cancel(scope, id, by?.principal)),
      ignore: (id, by) => localizing(by, view, (scope) => flows.ignore(scope, id, by?.principal)),
    },
    entries: {
      get: (id, options) => localizedRead(options, entry, (scope) => entries.get(scope, id)),
      list: (query) =>
        localizedRead(query, entryPage, (scope) => {
          const { titleOf } = query?.language === undefined ? own : languages.localizerFor(query.language)
          return lists.list(scope, { ...checkQuery(pageOf(query)), titleOf })
        }),
      counts: () => reading((scope) => lists.counts(scope)),
      update: (id, change, by) => localizing(by, entry, (scope) => actions.update(scope, id, change, by)),
      rename: (id, title, by) => localizing(by, entry, (scope) => actions.update(scope, id, { title }, by)),
      reauth: (entryId, by) => start({ source: 'reauth', entryId }, by),
      reconfigure: (entryId, by) => start({ source: 'reconfigure', entryId }, by),
      replace: (entryId, by) => start({ source: 'replace', entryId }, by),
      changeOptions: (entryId, by) => start({ source: 'options', entryId }, by),
      addSubentry: (entryId, type, by) => start({ source: 'subentry', entryId, type }, by),
      changeSubentry: (entryId, subentryId, by) => start({ source: 'subentry', entryId, subentryId }, by),
      setup: (id, options) => localizing(options, entry, (scope) => actions.setup(scope, id)),
      unload: (id, options) => localizing(options, entry, (scope) => actions.unload(scope, id, options)),
      reload: (id, options) => localizing(options, entry, (scope) => actions.reload(scope, id, options)),
      enable: (id, by) => localizing(by, entry, (scope) => actions.enable(scope, id, by?.principal)),
      disable: (id, by) => localizing(by, entry, (scope) => actions.disable(scope, id, by?.principal)),
      remove: async (id, by) => actions.remove(scopeName('work'), id, by?.principal),
      removeSubentry: (entryId, subentryId, by) =>
        localizing(by, entry, (scope) =>
          removeSubentry(core, entries, { scope, entryId, subentryId, who: by?.principal ?? HOST }),
        ),
      dismissProposal: (id, by) =>
        localizing(by, entry, (scope) => actions.dismissProposal(scope, id, by?.principal)),
      requestReauth: (id, by) => localizing(by, view, (scope) => actions.requestReauth(scope, id, by)),
      withdrawReauth: (id, by) =>
        localizing(by, entry, (scope) => actions.withdrawReauth(scope, id, by?.principal)),
      diagnostics: (entryId, options) =>
        localizedRead(options, report, (scope) =>
          diagnosticsOf(core, { entries, attention }, { scope, entryId }),
        ),
      optionsForm: (entryId, options) =>
        localizedRead(options, form, (scope) => optionsForm(core, entries, { scope, entryId })),
      revokeLinks: async (id, by) => actions.revokeLinks(scopeName('work'), id, by?.principal),
      resetAttempts: async (of, by) => actions.resetAttempts(scopeName('work'), of, by?.principal),
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
        return (await calls.run(scopeName('work'), entryId, integration.domain, run, options)) as Result
      },
    },
    attention: {
      list: (options) => localizedRead(options, items, (scope) => attention.list(scope)),
      page: (query) => localizedRead(query, itemPage, (scope) => attention.page(scope, pageOf(query))),
      get: (id, options) => localizedRead(options, item, (scope) => attention.get(scope, id)),
      ofClient: (domain, options) =>
        localizedRead(options, item, (scope) => attention.ofClient(scope, domain)),
      ofWebhook: (id, options) => localizedRead(options, item, (scope) => attention.ofWebhook(scope, id)),
    },
    webhooks: {
      list: () => reading((scope) => webhooks.list(scope)),
      add: async (request, by) => webhooks.add(scopeName('work'), request, by),
      change: async (id, change, by) => webhooks.change(named(id), change, by?.principal),
      remove: async (id, by) => webhooks.remove(named(id), by?.principal),
      test: async (id) => webhooks.test(named(id)),
      rotateSecret: async (id, by) => webhooks.rotateSecret(named(id), by?.principal),
      deliveries: (id, query) =>
        reading((scope) => webhooks.deliveries({ scope, webhookId: id }, pageOf(query))),
    },
    integrations: own.integrations,
    language: own.language,
    history: (entryId, query) =>
      reading((scope) => historyPage(core.store, { scope, entryId }, pageOf(query))),
    catchUp: () => reading((scope) => core.changes.catchUp(scope)),
    on: (type, listener) => {
      const scope = scopeName('read')
      // The result of the listener can be a promise that rejects.
      const stop = core.events.on(type, (event) =>
        event.scope === scope ? listener(inLanguage(own, event)) : undefined,
      )
      const unhear =
        type === 'other_process_changed'
          ? core.changes.hear(scope)
          : type === 'entries_checked'
            ? entries.answers.hear(scope)
            : isOfWatch(type)
              ? watch.hear(scope)
              : ignore
      return () => {
        stop()
        unhear()
      }
    },
  }
}

/** Returns an event with its attention item in another language. */
const inLanguage = <Event extends object>(localizer: Localizer, event: Event): Event =>
  'item' in event ? { ...event, item: localizer.attention(event.item as AttentionItem) } : event

/** Validates the name of a scope. @throws ScopeError */
export function checkScope(name: string): string {
  if (typeof name !== 'string' || !/^[^\p{Cc}]{1,128}$/u.test(name)) {
    throw new ScopeError('Invalid scope. Use 1 to 128 characters without control characters.')
  }
  return name
}

/** Returns a query without the language, with a limit from 1 to 1,000. */
function pageOf<Query extends PageQuery & LanguageChoice>({ language: _, ...query }: Query = {} as Query) {
  const limit = Math.trunc(query.limit ?? DEFAULT_LIMIT) || 1
  return { ...query, limit: Math.min(Math.max(1, limit), MAX_LIMIT) }
}

/** Localizes a result, or the current view in an error. */
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
