import * as z from 'zod'
import type { ChoiceValue, FoundChoice } from '../../../machines/flow-result.ts'
import type { AnyChoices } from '../../authoring/choices.ts'
import { titleFrom } from '../../authoring/title.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, freeze, isPlainObject, makeForm } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FieldSchema } from '../../view.ts'

/** The maximum number of choices of a field. */
const MAX_CHOICES = 500

/** The maximum length of the value of a choice. */
const MAX_VALUE = 200

/** The choices of fields, as an integration defines them. */
export type DefinedChoices = Readonly<Record<string, AnyChoices | undefined>>

/** The fields of a form, with their choices. */
export interface FormParts {
  readonly domain: string
  readonly shape: z.ZodObject['shape']
  readonly choices: DefinedChoices | undefined
}

/** Creates a form whose fields have choices. @throws IntegrationError if a list is invalid, or its field has no type that a choice can have */
export function makeFormWith({ domain, shape, choices = {} }: FormParts): Form {
  const form = makeForm(domain, shape)
  const own = Object.entries(choices).filter(
    ([field, defined]) => defined !== undefined && Object.hasOwn(shape, field),
  )
  if (own.length === 0) return form
  const properties: Record<string, FieldSchema> = { ...form.schema.properties }
  const lists = new Map<string, readonly FoundChoice[] | null>()
  for (const [field, defined] of own) {
    const fail = (why: string): never => {
      throw new IntegrationError(domain, `Integration "${domain}": the choices of "${field}" ${why}`)
    }
    const schema = form.schema.properties[field] as FieldSchema
    if (form.secrets.has(field)) fail('belong to a secret. A secret cannot be chosen.')
    const kind = kindOf(schema)
    if (kind === null) return fail('belong to a field that is neither a text, a number nor a boolean.')
    if (typeof defined === 'function') {
      lists.set(field, null)
      continue
    }
    const read = readChoices(defined, kind)
    if (typeof read === 'string') return fail(read)
    if (read.length === 0) fail('are empty. Add one.')
    const type = shape[field] as z.core.$ZodType
    const refused = read.find(({ value }) => !isAccepted(type, value))
    if (refused !== undefined)
      fail(`have the value ${JSON.stringify(refused.value)}, which the field rejects.`)
    lists.set(field, freeze(read))
    properties[field] = withChoices(schema, read)
  }
  return { ...form, schema: freeze({ ...form.schema, properties }), choices: lists }
}

/** Checks that each field with choices exists. @throws IntegrationError */
export function assertChoices(domain: string, choices: DefinedChoices = {}, fields: readonly string[]): void {
  const unknown = Object.keys(choices).find((field) => !fields.includes(field))
  if (unknown === undefined) return
  throw new IntegrationError(
    domain,
    `Integration "${domain}": choices name "${unknown}", which is not one of the fields.`,
  )
}

/** The type of the values of a field with choices. */
export type ChoiceKind = 'string' | 'number' | 'boolean'

/** Returns the type of the values of a field; null if it has none. A field without a type, such as `z.any()`, has texts. */
export function kindOf({ type, ...schema }: FieldSchema): ChoiceKind | null {
  if (type === 'integer' || type === 'number') return 'number'
  if (type !== undefined) return type === 'string' || type === 'boolean' ? type : null
  const { enum: values = [] } = schema
  const isCombined = Object.keys(schema).some((key) => /^(any|all)Of$/.test(key))
  return !isCombined && Array.isArray(values) && values.every((value) => typeof value === 'string')
    ? 'string'
    : null
}

/** Whether a field accepts a value. A refinement that throws is left to the submit. */
function isAccepted(type: z.core.$ZodType, value: ChoiceValue): boolean {
  try {
    return z.safeParse(type, value).success
  } catch {
    return true
  }
}

/** Returns the schema of a field that has these choices. */
export function withChoices(
  { enum: _, oneOf: __, ...schema }: FieldSchema,
  choices: readonly FoundChoice[],
): FieldSchema {
  // An empty `oneOf` is not valid JSON Schema.
  if (choices.length === 0) return { ...schema, enum: [] }
  const oneOf = choices.map(({ value, label, description }) => ({
    const: value,
    title: label,
    ...(description !== undefined && { description }),
  }))
  return { ...schema, oneOf }
}

/** Returns the fields whose value is not one of their choices. A list that is not loaded accepts each value. */
export const unlistedIn = (
  choices: ReadonlyMap<string, readonly Pick<FoundChoice, 'value'>[] | null>,
  values: JsonObject,
): readonly string[] =>
  [...choices]
    .filter(
      ([field, list]) => Object.hasOwn(values, field) && list?.every(({ value }) => value !== values[field]),
    )
    .map(([field]) => field)

/** Returns the choices of a list or of labels by value; the mistake if it is neither, or has values of another type. */
export function readChoices(defined: unknown, kind: ChoiceKind): readonly FoundChoice[] | string {
  const items: readonly unknown[] | null = Array.isArray(defined)
    ? defined
    : isPlainObject(defined)
      ? Object.entries(defined).map(([key, label]) => ({ value: valueIn(key, kind), label }))
      : null
  if (items === null) return 'are neither a list nor an object of labels by value.'
  if (items.length > MAX_CHOICES) return `exceed ${MAX_CHOICES}. Leave some out.`
  const read = new Map<ChoiceValue, FoundChoice>()
  for (const item of items) {
    const { value, label, description }: Readonly<Record<string, unknown>> = isPlainObject(item) ? item : {}
    if (!isValue(value, kind)) return `have a value that is not ${MEANINGS[kind]}.`
    if (read.has(value)) return 'have a value twice.'
    const shown = titleFrom(description, null)
    const name = titleFrom(label, String(value))
    read.set(value, { value, label: name, ...(shown !== null && { description: shown }) })
  }
  return [...read.values()]
}

const MEANINGS: Readonly<Record<ChoiceKind, string>> = {
  string: `a text of 1 to ${MAX_VALUE} characters`,
  number: 'a number',
  boolean: 'a boolean',
}

function isValue(value: unknown, kind: ChoiceKind): value is ChoiceValue {
  if (typeof value === 'string') return kind === 'string' && value !== '' && value.length <= MAX_VALUE
  return typeof value === kind && (typeof value !== 'number' || Number.isFinite(value))
}

/** Returns the value that a key stands for: the keys of an object are texts. An invalid key is returned unchanged. */
function valueIn(key: string, kind: ChoiceKind): ChoiceValue {
  if (kind === 'number') return key.trim() === '' || Number.isNaN(Number(key)) ? key : Number(key)
  return kind === 'boolean' && /^(true|false)$/.test(key) ? key === 'true' : key
}
