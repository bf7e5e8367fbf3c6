import { FlowEndedError, StaleRevisionError } from '../../errors.ts'
import type { View } from '../../view.ts'
import type { AttentionItem, EntryPage, EntryView } from '../api/entries.ts'
import type { ViewPage } from '../api/flows.ts'
import type { LanguageChoice, ScopedLatchkey } from '../api/latchkey.ts'
import type { Authorizing } from '../api/sign-ins.ts'
import type { Languages } from './languages.ts'
import type { Localizer } from './localizer.ts'

type Put<Told> = (localizer: Localizer, told: Told) => Told

const view: Put<View> = (localizer, told) => localizer.view(told)

const begun: Put<Authorizing> = (localizer, told) => ({ ...told, view: localizer.view(told.view) })

const views: Put<ViewPage> = (localizer, page) => ({
  ...page,
  items: page.items.map((item) => localizer.view(item)),
})

const entry: Put<EntryView> = (localizer, told) => localizer.entry(told)

const entries: Put<EntryPage> = (localizer, page) => ({
  ...page,
  items: page.items.map((item) => localizer.entry(item)),
})

const item: Put<AttentionItem | null> = (localizer, told) => told && localizer.attention(told)

const items: Put<readonly AttentionItem[]> = (localizer, told) => told.map((one) => localizer.attention(one))

/** The calls of a scope in a language: `own`, where a call names no other. They answer in the host's language themselves. */
export function localizedApi(
  calls: ScopedLatchkey,
  languageTexts: Languages,
  own: Localizer,
): ScopedLatchkey {
  const say = <Told>(
    answer: Promise<Told>,
    put: Put<Told>,
    options: LanguageChoice | undefined,
  ): Promise<Told> => {
    const localizer = options?.language === undefined ? own : languageTexts.in(options.language)
    return localizer === languageTexts.localizer ? answer : inWords(answer, (told) => put(localizer, told))
  }
  const { flows: flow, entries: of, attention } = calls
  return {
    ...calls,
    language: own.language,
    integrations: own.integrations,
    flows: {
      ...flow,
      start: (request, by) => say(flow.start(request, by), view, by),
      submit: (flowId, input, options) => say(flow.submit(flowId, input, options), view, options),
      choose: (flowId, choice, options) => say(flow.choose(flowId, choice, options), view, options),
      authorize: (flowId, options) => say(flow.authorize(flowId, options), begun, options),
      poll: (flowId, by) => say(flow.poll(flowId, by), view, by),
      back: (flowId, options) => say(flow.back(flowId, options), view, options),
      get: (flowId, options) => say(flow.get(flowId), view, options),
      list: ({ language, ...query } = {}) => say(flow.list(query), views, languageChoice(language)),
      cancel: (flowId, by) => say(flow.cancel(flowId, by), view, by),
      ignore: (flowId, by) => say(flow.ignore(flowId, by), view, by),
    },
    entries: {
      ...of,
      get: (entryId, options) => say(of.get(entryId), entry, options),
      list: ({ language, ...query } = {}) => say(of.list(query), entries, languageChoice(language)),
      update: (entryId, change, by) => say(of.update(entryId, change, by), entry, by),
      setup: (entryId, options) => say(of.setup(entryId), entry, options),
      unload: (entryId, options) => say(of.unload(entryId, options), entry, options),
      reload: (entryId, options) => say(of.reload(entryId, options), entry, options),
      enable: (entryId, by) => say(of.enable(entryId, by), entry, by),
      disable: (entryId, by) => say(of.disable(entryId, by), entry, by),
      dismissProposal: (entryId, by) => say(of.dismissProposal(entryId, by), entry, by),
      removeSubentry: (entryId, subentryId, by) => say(of.removeSubentry(entryId, subentryId, by), entry, by),
      requestReauth: (entryId, by) => say(of.requestReauth(entryId, by), view, by),
    },
    attention: {
      list: (options) => say(attention.list(), items, options),
      get: (entryId, options) => say(attention.get(entryId), item, options),
    },
  }
}

const languageChoice = (language: LanguageChoice['language']): LanguageChoice =>
  language === undefined ? {} : { language }

/** An answer in other words; also how things stand now, where a refusal tells it. */
async function inWords<Told>(answer: Promise<Told>, put: (told: Told) => Told): Promise<Told> {
  try {
    return put(await answer)
  } catch (error) {
    if (error instanceof StaleRevisionError) throw new StaleRevisionError(put(error.view))
    if (error instanceof FlowEndedError) throw new FlowEndedError(put(error.view))
    throw error
  }
}
