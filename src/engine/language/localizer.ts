import { freeze } from '../../form.ts'
import type { Translator } from '../../texts/translator.ts'
import type {
  DeviceView,
  ExternalView,
  FormSchema,
  FormView,
  MenuView,
  View,
  ViewError,
  Wordless,
} from '../../view.ts'
import type { AttentionItem, EntryView } from '../api/entries.ts'
import type { IntegrationView } from '../api/latchkey.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** What puts a text's placeholders in. */
interface Words {
  /** The first of some keys that there is a text for. */
  find(...keys: string[]): string | undefined
  /** The same where one of the keys is a standard one, so that there is a text. */
  text(...keys: string[]): string
}

/** The form that a labelled one was made of. */
const unlabelled = new WeakMap<FormSchema, FormSchema>()

/** Puts into the words of one language what has none yet, or has others. */
export class Localizer {
  readonly language: string
  readonly integrations: readonly IntegrationView[]
  readonly #translators: ReadonlyMap<string, Translator>
  /** For what no integration speaks for: it is gone, or its row is damaged. */
  readonly #standard: Translator
  /** What integrations call themselves. */
  readonly #titles: ReadonlyMap<string, string>
  /** Forms with the labels of this language, by step: made once, and frozen as the forms themselves are. */
  readonly #forms = new WeakMap<FormSchema, Map<string, FormSchema>>()

  constructor(
    standard: Translator,
    translators: ReadonlyMap<string, Translator>,
    integrations: Iterable<Compiled>,
  ) {
    this.language = standard.language
    this.#standard = standard
    this.#translators = translators
    this.#titles = new Map([...integrations].map(({ domain, integration }) => [domain, integration.title]))
    this.integrations = [...integrations].map(({ domain, integration, steps, subentries }) => ({
      domain,
      title: this.#translator(domain).label(['title'], integration.title),
      options: steps.has('init'),
      subentries: [...subentries.values()].map(({ type, title }) => ({
        ...{ type, title: this.#translator(domain).label([`subentries.${type}`], title) },
      })),
    }))
  }

  view(view: Wordless<View>): View {
    const translator = this.#translator(view.domain)
    const placeholders = this.#placeholders(translator, view)
    const words: Words = {
      find: (...keys) => translator.find(keys, placeholders),
      text: (...keys) => translator.text(keys, placeholders),
    }
    const common = {
      title: words.text(`flow_title.${view.subentry?.isNew === false ? 'subentry_change' : view.source}`),
      language: this.language,
      placeholders,
    }
    switch (view.type) {
      case 'form': {
        const submit = words.text(`step.${idOf(view)}.submit`, view.lastStep ? 'submit.last' : 'submit.next')
        const schema = this.#form(translator, idOf(view), view.schema)
        return { ...view, ...common, ...stepOf(words, view), schema, submit }
      }
      case 'menu':
        return { ...view, ...common, ...stepOf(words, view), options: optionsOf(words, view) }
      case 'external':
        return { ...view, ...common, ...stepOf(words, view) }
      case 'progress':
        if ('mayGoBack' in view) {
          const waitsFor = view.userCode === undefined ? 'requestingCode' : 'pollingToken'
          return { ...view, ...common, ...stepOf(words, view), text: words.text(`progress.${waitsFor}`) }
        }
        return { ...view, ...common, text: words.text(`progress.${view.step}`, 'progress.findingEntry') }
      case 'create_entry':
        return { ...view, ...common, text: words.text(view.subentry ? 'create_subentry' : 'create_entry') }
      case 'abort':
        return { ...view, ...common, text: endOf(translator, words, view) }
    }
  }

  entry(entry: Omit<EntryView, 'text' | 'language'>): EntryView {
    const text = this.#translator(entry.domain).text([`state.${entry.state}`])
    return { ...entry, text, language: this.language }
  }

  attention(item: Omit<AttentionItem, 'text' | 'language'>): AttentionItem {
    const { domain = '', title = '', reason } = item
    const text = this.#translator(domain).text([`attention.${reason}`], { name: title })
    return { ...item, text, language: this.language }
  }

  #translator(domain: string): Translator {
    return this.#translators.get(domain) ?? this.#standard
  }

  /**
   * A flow that has no entry yet is about its integration, whose name may be another one in this language; and so is
   * an end, which keeps nothing of its entry. What was found has a name of its own.
   */
  #placeholders(
    translator: Translator,
    { type, domain, entryId, placeholders }: Wordless<View>,
  ): View['placeholders'] {
    const title = this.#titles.get(domain)
    const isOfEntry = entryId !== null && type !== 'create_entry' && type !== 'abort'
    return isOfEntry || title === undefined || placeholders.name !== title
      ? placeholders
      : { ...placeholders, name: translator.label(['title'], title) }
  }

  #form(translator: Translator, id: string, shown: FormSchema): FormSchema {
    const schema = unlabelled.get(shown) ?? shown
    const made = this.#forms.get(schema) ?? new Map<string, FormSchema>()
    let localizedApi = made.get(id)
    if (localizedApi === undefined) {
      localizedApi = labelled(translator, id, schema)
      this.#forms.set(schema, made.set(id, localizedApi))
      unlabelled.set(localizedApi, schema)
    }
    return localizedApi
  }
}

/** What the texts of a step stand under: the integration's own name for it, where it has one. */
const idOf = (view: Pick<FormView, 'challenge' | 'page' | 'subentry' | 'step'>): string =>
  view.challenge ?? view.page ?? view.subentry?.type ?? view.step

/** What is said above a step, and of what was wrong with the last try. */
function stepOf({ find, text }: Words, view: Wordless<FormView | MenuView | ExternalView | DeviceView>) {
  const title = find(`step.${idOf(view)}.title`)
  const description = find(`step.${idOf(view)}.description`, `step.${view.step}.description`)
  const errors: Record<string, ViewError> = {}
  for (const [pointer, error] of Object.entries(view.errors)) {
    errors[pointer] = { ...error, text: text(`error.${error.code}`, 'error.invalid') }
  }
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }), errors }
}

const optionsOf = ({ find }: Words, view: Wordless<MenuView>): MenuView['options'] =>
  view.options.map(({ value, label }) => ({
    value,
    label: find(`step.${idOf(view)}.menu_options.${value}`) ?? label,
  }))

function endOf(
  translator: Translator,
  { text }: Words,
  { reason, entryState: state }: Wordless<Extract<View, { type: 'abort' }>>,
): string {
  const end = text(`abort.${reason}`, `error.${reason}`, 'abort.unknown')
  if (state === undefined || state === 'loaded') return end
  return `${end} ${translator.text(['not_running'], { state: text(`state.${state}`) })}`
}

/** A form with its labels and help in the words of a translator; the form itself where the translator has none for it. */
function labelled(translator: Translator, id: string, schema: FormSchema): FormSchema {
  const properties = Object.entries(schema.properties).map(([name, field]) => {
    const title = wordOf(translator, `data.${name}`, id, field.title)
    const description = wordOf(translator, `data_description.${name}`, id, field.description)
    const words = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
    return [name, { ...field, ...words }] as const
  })
  return freeze({ ...schema, properties: Object.fromEntries(properties) })
}

function wordOf(
  translator: Translator,
  key: string,
  id: string,
  word: string | undefined,
): string | undefined {
  const keys = [`step.${id}.${key}`, key]
  return word === undefined ? translator.find(keys) : translator.label(keys, word)
}
