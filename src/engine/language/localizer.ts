import type { ChoiceValue, FoundChoice } from '../../../machines/flow-result.ts'
import { freeze } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Translator } from '../../texts/translator.ts'
import type { AbortView, FieldSchema, FormSchema, MenuView, View, Wordless } from '../../view.ts'
import type { AttentionItem, EntryError, EntryView } from '../api/entries.ts'
import type { IntegrationView } from '../api/latchkey.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { formWithChoices, partsOf, rememberParts } from './listed-forms.ts'
import {
  idOf,
  NO_VALUES,
  type Placeholders,
  secretIn,
  stepOf,
  submitKeys,
  type Texts,
  textsOf,
} from './step-texts.ts'

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
  /** Formats dates, as every process does. */
  readonly #dates: Intl.DateTimeFormat
  readonly #compiled: ReadonlyMap<string, Compiled>
  /** The labelled forms of this language by step, frozen like all forms. */
  readonly #forms = new WeakMap<FormSchema, Map<string, FormSchema>>()

  /** Called with an error code that has no text. */
  readonly #unknownCode: (domain: string, code: string) => void

  constructor(
    standard: Translator,
    translators: ReadonlyMap<string, Translator>,
    integrations: ReadonlyMap<string, Compiled>,
    unknownCode: (domain: string, code: string) => void,
  ) {
    this.#unknownCode = unknownCode
    this.language = standard.language
    this.#standard = standard
    this.#translators = translators
    this.#compiled = integrations
    this.#dates = new Intl.DateTimeFormat(standard.language, { dateStyle: 'long', timeZone: 'UTC' })
    this.integrations = [...integrations.values()].map((compiled) =>
      listed(this.#translator(compiled.domain), compiled),
    )
    this.#shownTitles = new Map(this.integrations.map(({ domain, title }) => [domain, title]))
  }

  /** Returns the title of an integration; its domain if it is not registered. */
  readonly titleOf = (domain: string): string => this.#shownTitles.get(domain) ?? domain

  view(view: Wordless<View>): View {
    const { domain } = view
    const translator = this.#translator(domain)
    const service = this.titleOf(domain)
    const schema = view.type === 'form' ? this.#form(translator, idOf(view), view.schema) : null
    const secret = schema === null ? undefined : secretIn(schema, this.language)
    const placeholders: Placeholders = {
      ...this.#placeholders(translator, view),
      service,
      host: hostOf(view) ?? service,
      ...(view.subentry !== undefined && { what: this.#titleOf(domain, view.subentry.type) }),
      ...(secret !== undefined && { secret }),
    }
    const values = { ...placeholders, account: placeholders.account ?? view.account ?? 'none' }
    const words = textsOf(translator, this.#compiled.get(domain), values, (code) =>
      this.#unknownCode(domain, code),
    )
    const common = {
      title: words.text(`flow_title.${flowOf(view)}`),
      language: this.language,
      placeholders,
      service,
    }
    switch (view.type) {
      case 'form': {
        const submit = words.text(`step.${idOf(view)}.submit`, ...submitKeys(view))
        return { ...view, ...common, ...stepOf(words, view), schema: schema as FormSchema, submit }
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
        return { ...view, ...common, ...endOf(translator, words, values, view) }
    }
  }

  entry(entry: WordlessEntry): EntryView {
    const { lastError, ...rest } = entry
    const { domain, title, state, address, account } = entry
    const translator = this.#translator(domain)
    const service = this.titleOf(domain)
    const stateText = translator.text([`state.${entry.quiet ? 'quiet' : entry.idle ? 'ready' : state}`])
    const view = { ...rest, service, text: stateText, language: this.language }
    if (lastError === undefined) return view
    const { code, params } = lastError
    const placeholders = {
      ...NO_VALUES,
      ...{ name: title, service, host: address ?? service, account: String(account) },
      ...this.#secretOf(domain, entry.method),
      ...params,
    }
    const text = translator.find([`attention.${code}`, ...errorKeys(code)], placeholders)
    const known = text ?? messageIn(params) ?? translator.text(['error.unknown'], placeholders)
    return { ...view, lastError: { ...lastError, text: known } }
  }

  attention(item: Omit<AttentionItem, 'text' | 'language' | 'service'>): AttentionItem {
    const { domain = '', title = '', address, reason, other, expiresAt, code = reason, params, method } = item
    const translator = this.#translator(domain)
    const service = this.titleOf(domain)
    const placeholders = {
      ...NO_VALUES,
      ...{ name: title, service, host: address ?? service, other: other?.title ?? '' },
      ...this.#secretOf(domain, method),
      ...(expiresAt !== undefined && { when: this.#dates.format(expiresAt) }),
      ...params,
    }
    const isOwn = code !== reason
    const own = isOwn ? (translator.find(errorKeys(code), placeholders) ?? messageIn(params)) : undefined
    const text = own ?? translator.text([`attention.${reason}`], placeholders)
    return { ...item, ...(item.domain !== undefined && { service }), text, language: this.language }
  }

  /** Returns the placeholder for the label of the one secret that a reauthentication asks for. */
  #secretOf(domain: string, method: string | undefined): Placeholders {
    const compiled = this.#compiled.get(domain)
    const form = compiled && methodOf(compiled, method).steps.get('reauth_confirm')
    if (form === undefined) return {}
    const schema = this.#form(this.#translator(domain), 'reauth_confirm', form.schema)
    const secret = secretIn(schema, this.language)
    return secret === undefined ? {} : { secret }
  }

  /** Returns the title of a type of sub-entry; its name if it is not registered. */
  #titleOf(domain: string, type: string): string {
    const title = this.#compiled.get(domain)?.subentries.get(type)?.title
    return title === undefined ? type : this.#translator(domain).label([`subentries.${type}`], title)
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
    const title = this.#compiled.get(domain)?.integration.title
    const isOfEntry = entryId !== null && type !== 'create_entry' && type !== 'abort'
    return isOfEntry || title === undefined || placeholders.name !== title
      ? placeholders
      : { ...placeholders, name: translator.label(['title'], title) }
  }

  /** Returns the form of a flow with the labels of this language, and of its choices. */
  #form(translator: Translator, id: string, whole: FormSchema): FormSchema {
    const parts = partsOf(whole)
    const form = this.#sharedForm(translator, id, parts.form)
    if (parts.choices.size === 0) return form
    const shown = [...parts.choices].map(([field, list]) => {
      const named = list.map((choice) => ({ ...choice, label: choiceOf(translator, id, field, choice) }))
      return [field, named] as const
    })
    const localized = formWithChoices(form, new Map(shown))
    rememberParts(localized, parts)
    return localized
  }

  #sharedForm(translator: Translator, id: string, form: FormSchema): FormSchema {
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

/** Returns the keys of the text of an integration's error. */
const errorKeys = (code: string): readonly string[] => [`error.${code}`, `abort.${code}`]

/** Returns the text of an integration for an error that its texts do not have. */
const messageIn = (params: Readonly<Record<string, string | number>> | undefined): string | undefined =>
  params?.message === undefined ? undefined : String(params.message)

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

const optionsOf = ({ find }: Texts, view: Wordless<MenuView>): MenuView['options'] =>
  view.options.map(({ value, label }) => ({
    value,
    label: find(`step.${idOf(view)}.menu_options.${value}`) ?? label,
  }))

/** Returns the text of a result, and the next step. */
function endOf(
  translator: Translator,
  { find, text }: Texts,
  values: Placeholders,
  { reason, entryState: state, replaceable }: Wordless<AbortView>,
) {
  const end = find(`abort.${reason}`, `error.${reason}`) ?? values.message ?? text('abort.unknown')
  const placeholders = { ...NO_VALUES, ...values, ...(!replaceable && { found: 'none' }) }
  const advice = translator.find([`advice.${reason}`], placeholders)
  // An entry that connects at the moment is not mentioned.
  const isRunning = /^(loaded|setup_in_progress|migrating|unload_in_progress)$/.test(state ?? 'loaded')
  const after = isRunning ? '' : ` ${translator.text(['not_running'], { state: text(`state.${state}`) })}`
  return { text: `${end}${after}`, ...(advice !== undefined && { advice }) }
}

/** Returns the host that a view names: that of the page with the code, or that of the service. */
function hostOf(view: Wordless<View>): string | undefined {
  const page = 'verificationUri' in view ? URL.parse(String(view.verificationUri)) : null
  return page?.host ?? view.address
}

/** Returns a form with the labels and help texts of a language. */
function labelled(translator: Translator, id: string, schema: FormSchema): FormSchema {
  const properties = Object.entries(schema.properties).map(([name, field]) => {
    const title = wordOf(translator, `data.${name}`, id, field.title)
    const description = wordOf(translator, `data_description.${name}`, id, field.description)
    const words = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
    return [name, { ...field, ...words, ...labelledChoices(translator, id, name, field) }] as const
  })
  return freeze({ ...schema, properties: Object.fromEntries(properties) })
}

/** A choice, as the schema of its field has it. */
type ListedChoice = { readonly const: ChoiceValue; readonly title: string }

/** Returns the choices of a field with their labels; nothing for a field without choices. */
function labelledChoices(
  translator: Translator,
  id: string,
  name: string,
  { oneOf }: FieldSchema,
): FieldSchema {
  const choices: readonly Json[] = Array.isArray(oneOf) ? oneOf : []
  if (!choices.every(isListedChoice) || choices.length === 0) return {}
  return {
    oneOf: choices.map((choice) => ({
      ...choice,
      title: choiceOf(translator, id, name, { value: choice.const, label: choice.title }),
    })),
  }
}

const isListedChoice = (choice: Json): choice is JsonObject & ListedChoice =>
  typeof choice === 'object' && choice !== null && 'const' in choice && 'title' in choice

/** Returns the label of a choice. `menu_options` is the key of an earlier version. */
const choiceOf = (translator: Translator, id: string, field: string, { value, label }: FoundChoice): string =>
  translator.label(
    [`step.${id}.choices.${field}.${value}`, `choices.${field}.${value}`, `step.${id}.menu_options.${value}`],
    label,
  )

function wordOf(
  translator: Translator,
  key: string,
  id: string,
  word: string | undefined,
): string | undefined {
  const keys = [`step.${id}.${key}`, key]
  return word === undefined ? translator.find(keys) : translator.label(keys, word)
}
