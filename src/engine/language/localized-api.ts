import { FlowEndedError, StaleRevisionError } from '../../errors.ts'
import type { View } from '../../view.ts'
import type { AttentionItem, EntryPage, EntryView } from '../api/entries.ts'
import type { ViewPage } from '../api/flows.ts'
import type { ScopedLatchkey, Spoken } from '../api/latchkey.ts'
import type { Authorizing } from '../api/sign-ins.ts'
import type { Speech } from './languages.ts'
import type { Voice } from './localizer.ts'

type Put<Told> = (voice: Voice, told: Told) => Told

const view: Put<View> = (voice, told) => voice.view(told)

const begun: Put<Authorizing> = (voice, told) => ({ ...told, view: voice.view(told.view) })

const views: Put<ViewPage> = (voice, page) => ({ ...page, items: page.items.map((item) => voice.view(item)) })

const entry: Put<EntryView> = (voice, told) => voice.entry(told)

const entries: Put<EntryPage> = (voice, page) => ({
  ...page,
  items: page.items.map((item) => voice.entry(item)),
})

const item: Put<AttentionItem | null> = (voice, told) => told && voice.attention(told)

const items: Put<readonly AttentionItem[]> = (voice, told) => told.map((one) => voice.attention(one))

/** The calls of a scope in a language: `own`, where a call names no other. They answer in the host's language themselves. */
export function spoken(calls: ScopedLatchkey, speech: Speech, own: Voice): ScopedLatchkey {
  const say = <Told>(answer: Promise<Told>, put: Put<Told>, options: Spoken | undefined): Promise<Told> => {
    const voice = options?.language === undefined ? own : speech.in(options.language)
    return voice === speech.voice ? answer : inWords(answer, (told) => put(voice, told))
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
      list: ({ language, ...query } = {}) => say(flow.list(query), views, spokenIn(language)),
      cancel: (flowId, by) => say(flow.cancel(flowId, by), view, by),
      ignore: (flowId, by) => say(flow.ignore(flowId, by), view, by),
    },
    entries: {
      ...of,
      get: (entryId, options) => say(of.get(entryId), entry, options),
      list: ({ language, ...query } = {}) => say(of.list(query), entries, spokenIn(language)),
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

const spokenIn = (language: Spoken['language']): Spoken => (language === undefined ? {} : { language })

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
