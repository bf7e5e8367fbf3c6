import type { Form } from '../../form.ts'
import type { Catalogue } from '../../texts/catalogue.ts'
import { en } from '../../texts/en.ts'
import { canonical, SOURCE_LANGUAGE } from '../../texts/languages.ts'
import { type Message, parseMessage } from '../../texts/message.ts'
import { standardTexts } from '../../texts/standard-texts.ts'
import type { FieldSchema } from '../../view.ts'
import { MAX_DESCRIPTION } from './compile-listing.ts'
import { type Compiled, methodVariants } from './compiled.ts'
import { isOwnCode } from './own-codes.ts'
import type { Page } from './pages.ts'

/** A mistake in the texts of an integration. */
export interface TextProblem {
  readonly language: string
  /** The key of the text, for example `step.user.data.host`. `*` for the language as a whole. */
  readonly key: string
  /** The complete error message. */
  readonly message: string
}

/** The texts of a field: its label and its help. */
const PARTS = ['data', 'data_description'] as const

/** Groups of standard texts that integrations can replace. */
const GROUPS = ['flow_title', 'submit', 'progress', 'attention'] as const

const CODE = /^(?:error|advice|abort)\.[a-z][a-z0-9_]{0,63}$/

/** The codes of the integration's errors: their placeholders are those of the thrown error. */
const isOwnError = (key: string): boolean => {
  const [group, code] = key.split('.')
  return (group === 'error' || group === 'advice' || group === 'abort') && isOwnCode(code)
}

const OPTION = /^(?:step\.[^.]+\.menu_options|(?:step\.[^.]+\.)?choices\.[^.]+)\./

/** Texts without placeholders: labels belong to shared forms, and the title is the value of `{name}`. */
const FIXED =
  /^(?:title|description)$|^subentries\.|^(?:step\.[^.]+\.)?data(?:_description)?\.|^(?:step\.[^.]+\.)?choices\./

/** The placeholders that have a value in every text. */
const ALWAYS = ['name', 'service', 'host']

const TAG = /<\/?[a-z!][^>]*>/i

/** Returns the mistakes in the texts of an integration: missing and unknown keys, placeholders, syntax. */
export function textProblems(compiled: Compiled): TextProblem[] {
  const { domain, catalogues, listing } = compiled
  const problems: TextProblem[] = []
  const known = knownKeys(compiled)
  const placeholders = new Map<string, string>()
  for (const catalogue of [...catalogues.values(), ...listing.advice.values()]) {
    const { language, texts } = catalogue
    const add = (key: string, mistake: string) =>
      problems.push({
        language,
        key,
        message: `Integration "${domain}": the ${language} text "${key}" ${mistake}`,
      })
    if (canonical(language) !== language) {
      add('*', 'has an invalid language tag. Use a tag such as de or de-AT.')
    }
    if (catalogues.get(language) === catalogue)
      for (const key of missingIn(catalogue, compiled)) add(key, 'is missing.')
    for (const [key, text] of texts) {
      if (!known.has(key) && !CODE.test(key) && !OPTION.test(key)) {
        add(key, 'is never shown. No step, field or code has this name.')
      }
      const message = parse(text, language)
      if (typeof message === 'string') add(key, `is not a valid ICU message: ${message}`)
      else {
        const mistake = mistakeIn(key, text, message)
        if (mistake !== null) add(key, mistake)
        const used = [...message.placeholders].sort().join(', ')
        const others = placeholders.get(key) ?? used
        placeholders.set(key, others)
        if (others !== used) add(key, `has the placeholders (${used}), but (${others}) in another language.`)
      }
    }
  }
  return problems
}

function parse(text: string, language: string): Message | string {
  try {
    return parseMessage(text, canonical(language) ?? SOURCE_LANGUAGE)
  } catch (error) {
    return (error as Error).message
  }
}

function mistakeIn(key: string, text: string, { placeholders, literals }: Message): string | null {
  if (text.trim() === '') return 'is empty.'
  if (TAG.test(literals)) return 'contains HTML. Use plain text.'
  if (key === 'description' && text.length > MAX_DESCRIPTION)
    return `is longer than ${MAX_DESCRIPTION} characters. Shorten it.`
  if (/[{}]/.test(literals)) return 'quotes a placeholder, so it is not replaced. Remove the quotes.'
  const named = key.startsWith('step.replace_confirm.') ? ['account'] : []
  const standard = standardTexts.get(SOURCE_LANGUAGE)?.message(key)?.placeholders ?? []
  if (isOwnError(key)) return null
  const allowed = FIXED.test(key) ? [] : [...ALWAYS, ...named, ...standard]
  const other = [...placeholders].find((name) => !allowed.includes(name))
  return other === undefined ? null : `has an unknown placeholder {${other}}.`
}

/** Returns the keys that a language lacks: the label of each field, and each text that another language has. */
function missingIn(catalogue: Catalogue, compiled: Compiled): Set<string> {
  const { catalogues } = compiled
  const fields = new Set(methodVariants(compiled).flatMap(({ fullForm }) => fullForm.order))
  const missing = new Set<string>()
  for (const [step, form] of formsOf(compiled)) {
    for (const field of form.order) {
      for (const part of PARTS) {
        const own = `step.${step}.${part}.${field}`
        const shared = `${part}.${field}`
        const hasText = ({ language, texts }: Catalogue): boolean =>
          texts.has(own) ||
          texts.has(shared) ||
          (language === SOURCE_LANGUAGE && isInSchema(form, part, field))
        const isNeeded =
          part === 'data' || isInSchema(form, part, field) || [...catalogues.values()].some(hasText)
        if (isNeeded && !hasText(catalogue)) missing.add(fields.has(field) ? shared : own)
      }
    }
  }
  if (catalogue.language !== SOURCE_LANGUAGE)
    for (const key of englishKeys(compiled)) if (!catalogue.texts.has(key)) missing.add(key)
  for (const other of catalogues.values()) {
    for (const key of other.texts.keys()) if (!FIXED.test(key) && !catalogue.texts.has(key)) missing.add(key)
  }
  return missing
}

/** Returns the keys of the English texts that an integration has in its code, except those of fields and the title. */
const englishKeys = ({ subentries, integration, listing }: Compiled): readonly string[] => [
  ...[...subentries.keys()].map((type) => `subentries.${type}`),
  ...(integration.description === undefined ? [] : ['description']),
  ...[...listing.advice.values()].flatMap(({ texts }) => [...texts.keys()]),
]

/** Whether the schema of the field has its own English title or description. */
function isInSchema({ schema }: Form, part: (typeof PARTS)[number], field: string): boolean {
  const { title, description } = schema.properties[field] as FieldSchema
  return (part === 'data' ? title : description) !== undefined
}

/** Returns all keys that can be shown, except codes. */
function knownKeys(compiled: Compiled): Set<string> {
  const keys = new Set(['title', 'description', 'create_entry', 'create_subentry'])
  for (const group of GROUPS) for (const key of Object.keys(en[group])) keys.add(`${group}.${key}`)
  for (const step of [...Object.keys(en.step), ...formsOf(compiled).map(([step]) => step)]) {
    for (const part of ['title', 'description', 'submit']) keys.add(`step.${step}.${part}`)
    for (const part of Object.keys(en.step[step as keyof typeof en.step] ?? {}))
      keys.add(`step.${step}.${part}`)
  }
  for (const type of compiled.subentries.keys()) keys.add(`subentries.${type}`)
  for (const [step, { order }] of formsOf(compiled)) {
    for (const field of order) {
      for (const part of PARTS) {
        keys.add(`${part}.${field}`).add(`step.${step}.${part}.${field}`)
      }
    }
  }
  return keys
}

/** Returns the forms of an integration with the step names that their texts use as keys. */
const formsOf = (compiled: Compiled): (readonly [step: string, form: Form])[] =>
  methodVariants(compiled).flatMap(({ fullForm, pages, steps, stepPages, challenges, subentries }) => [
    ['user', fullForm] as const,
    ...namedPages(
      pages,
      ...stepPages.values(),
      ...[...subentries.values()].map(({ fullPages }) => fullPages),
    ),
    ...steps,
    ...challenges,
    ...[...subentries].map(([type, kind]) => [type, kind.fullForm] as const),
  ])

const namedPages = (...lists: readonly (readonly Page[])[]): (readonly [name: string, form: Form])[] =>
  lists
    .flat()
    .flatMap((page) => ('form' in page && page.name !== null ? [[page.name, page.form] as const] : []))
