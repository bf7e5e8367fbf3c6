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
import type { AttentionItem, EntryError, EntryView } from '../api/entries.ts'
import type { IntegrationView } from '../api/latchkey.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** Returns texts with the placeholders of one view. */
interface Texts {
  /** Returns the text of the first key that has one; undefined if none has. */
  find(...keys: string[]): string | undefined
  /** Returns the text of the first key that has one. At least one key must be a standard one. */
  text(...keys: string[]): string
  /** Returns the text of an error code. */
  error(code: string): string
}

/** The form without labels for each labelled form. */
const unlabelled = new WeakMap<FormSchema, FormSchema>()

/** The view of an entry before its localization, without texts, or in another language. */
type WordlessEntry = Omit<EntryView, 'text' | 'language' | 'service' | 'lastError'> & {
  readonly lastError?: Omit<EntryError, 'text'>
}

/** Returns the key of the title of a flow. */
function flowOf(view: Wordless<View>): string {
  if (view.subentry?.isNew === false) return 'subentry_change'
  return 'step' in view && view.step === 'repair_confirm' ? 'reauth' : view.source
}

/** Adds the texts of one language to views, entries and attention items, or replaces those of another language. */
export class Localizer {
  readonly language: string
  readonly integrations: readonly IntegrationView[]
  readonly #translators: ReadonlyMap<string, Translator>
  /** The standard texts, for flows and entries whose integration is not registered. */
  readonly #standard: Translator
  /** The titles of the integrations by domain, in this language. */
  readonly #shownTitles: ReadonlyMap<string, string>
  /** The titles of the integrations by domain. */
  readonly #titles: ReadonlyMap<string, string>
  /** The labelled forms of this language by step, frozen like all forms. */
  readonly #forms = new WeakMap<FormSchema, Map<string, FormSchema>>()

  /** Called with an error code that has no text. */
  readonly #unknownCode: (domain: string, code: string) => void

  constructor(
    standard: Translator,
    translators: ReadonlyMap<string, Translator>,
    integrations: Iterable<Compiled>,
    unknownCode: (domain: string, code: string) => void,
  ) {
    this.#unknownCode = unknownCode
    this.language = standard.language
    this.#standard = standard
    this.#translators = translators
    this.#titles = new Map([...integrations].map(({ domain, integration }) => [domain, integration.title]))
    this.integrations = [...integrations].map((compiled) =>
      listed(this.#translator(compiled.domain), compiled),
    )
    this.#shownTitles = new Map(this.integrations.map(({ domain, title }) => [domain, title]))
  }

  /** Returns the title of an integration; its domain if it is not registered. */
  readonly titleOf = (domain: string): string => this.#shownTitles.get(domain) ?? domain

  view(view: Wordless<View>): View {
    const translator = this.#translator(view.domain)
    const placeholders = this.#placeholders(translator, view)
    const words: Texts = {
      find: (...keys) => translator.find(keys, placeholders),
      text: (...keys) => translator.text(keys, placeholders),
      error: (code) => {
        const known = translator.find([`error.${code}`], placeholders)
        if (known === undefined) this.#unknownCode(view.domain, code)
        return known ?? translator.text(['error.invalid'], placeholders)
      },
    }
    const common = {
      title: words.text(`flow_title.${flowOf(view)}`),
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

  entry(entry: WordlessEntry): EntryView {
    const { lastError, ...rest } = entry
    const { domain, title, state, address, account = title } = entry
    const translator = this.#translator(domain)
    const service = this.#serviceOf(translator, domain)
    const text = translator.text([`state.${entry.quiet ? 'quiet' : entry.idle ? 'ready' : state}`])
    const view = { ...rest, service, text, language: this.language }
    if (lastError === undefined) return view
    const { code } = lastError
    const placeholders = { name: title, service, host: address ?? service, account, secret: 'none' }
    const keys = [`attention.${code}`, `error.${code}`, 'error.unknown']
    return { ...view, lastError: { ...lastError, text: translator.text(keys, placeholders) } }
  }

  attention(item: Omit<AttentionItem, 'text' | 'language' | 'service'>): AttentionItem {
    const { domain = '', title = '', address, reason, other } = item
    const translator = this.#translator(domain)
    const service = this.#serviceOf(translator, domain)
    const host = address ?? service
    const placeholders = { name: title, service, host, secret: 'none', other: other?.title ?? '' }
    const text = translator.text([`attention.${reason}`], placeholders)
    return { ...item, ...(item.domain !== undefined && { service }), text, language: this.language }
  }

  /** Returns the title of an integration in this language; its domain if it is not registered. */
  #serviceOf(translator: Translator, domain: string): string {
    return translator.label(['title'], this.#titles.get(domain) ?? domain)
  }

  #translator(domain: string): Translator {
    return this.#translators.get(domain) ?? this.#standard
  }

  /**
   * Translates the placeholder `name` if it is the title of the integration: in flows without an entry, and in
   * results. Discovered devices and entries have their own names.
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

  #form(translator: Translator, id: string, form: FormSchema): FormSchema {
    const schema = unlabelled.get(form) ?? form
    const forms = this.#forms.get(schema) ?? new Map<string, FormSchema>()
    let localized = forms.get(id)
    if (localized === undefined) {
      localized = labelled(translator, id, schema)
      this.#forms.set(schema, forms.set(id, localized))
      unlabelled.set(localized, schema)
    }
    return localized
  }
}

/** Returns an integration as lists show it. */
function listed(translator: Translator, compiled: Compiled): IntegrationView {
  const { domain, integration, steps, subentries, methods, listing } = compiled
  const { description } = integration
  return {
    domain,
    title: translator.label(['title'], integration.title),
    options: steps.has('init'),
    subentries: [...subentries.values()].map(({ type, title }) => ({
      type,
      title: translator.label([`subentries.${type}`], title),
    })),
    ...listing.shown,
    ...(description !== undefined && { description: translator.label(['description'], description) }),
    ...(methods.size > 0 && {
      methods: [...methods.values()].map(({ method, label, integration: { authorize } }) => ({
        name: method,
        title: translator.label([`step.pick_method.menu_options.${method}`], label),
        kind: authorize?.grant ?? 'form',
      })),
    }),
  }
}

/** Returns the name of a step in the keys of texts: the integration's name for it, if it has one. */
const idOf = (view: Pick<FormView, 'challenge' | 'page' | 'subentry' | 'step'>): string =>
  view.challenge ?? view.page ?? view.subentry?.type ?? view.step

/** Returns the title and description of a step, and its errors with texts. */
function stepOf(
  { find, error: textOf }: Texts,
  view: Wordless<FormView | MenuView | ExternalView | DeviceView>,
) {
  const title = find(`step.${idOf(view)}.title`)
  const description = find(`step.${idOf(view)}.description`, `step.${view.step}.description`)
  const errors: Record<string, ViewError> = {}
  for (const [pointer, error] of Object.entries(view.errors)) {
    errors[pointer] = { ...error, text: textOf(error.code) }
  }
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }), errors }
}

const optionsOf = ({ find }: Texts, view: Wordless<MenuView>): MenuView['options'] =>
  view.options.map(({ value, label }) => ({
    value,
    label: find(`step.${idOf(view)}.menu_options.${value}`) ?? label,
  }))

function endOf(
  translator: Translator,
  { text }: Texts,
  { reason, entryState: state }: Wordless<Extract<View, { type: 'abort' }>>,
): string {
  const end = text(`abort.${reason}`, `error.${reason}`, 'abort.unknown')
  if (state === undefined || state === 'loaded') return end
  return `${end} ${translator.text(['not_running'], { state: text(`state.${state}`) })}`
}

/** Returns a form with the labels and help texts of a language. */
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
