import * as z from 'zod'
import type { FoundChoice } from '../machines/flow-result.ts'
import type { FormErrorCode, FormErrors } from '../machines/form-errors.ts'
import { httpsProblem } from './authoring/https-url.ts'
import { hasOwnMessage, ownMessage, type RawIssue } from './authoring/own-message.ts'
import { secretOf, secretPath } from './authoring/secret.ts'
import { IntegrationError, InvalidInputError } from './errors.ts'
import type { Json, JsonObject } from './ports/json.ts'
import type { FieldSchema, FormSchema } from './view.ts'

/** The form of one step, created once per integration. */
export interface Form {
  /** JSON Schema of the input, deep-frozen. */
  readonly schema: FormSchema
  readonly order: readonly string[]
  readonly secrets: ReadonlySet<string>
  /** The fields whose value the user chooses from a list: the list, or null if it is loaded. */
  readonly choices: ReadonlyMap<string, readonly FoundChoice[] | null>
}

/** Submitted values of a form. `clear` has only the non-secret fields. */
export interface FormInput {
  readonly values: { readonly [field: string]: Json }
  readonly clear: JsonObject
}

const MAX_DEPTH = 32
const MAX_NODES = 2_000
const MAX_CHARACTERS = 65_536
/** The schema keywords of a secret field that are published. Others could contain or hint at the secret. */
const SECRET_KEYWORDS = new Set([
  'type',
  'title',
  'description',
  'minLength',
  'maxLength',
  'multiline',
  'inputMode',
  'helpUrl',
])
/** A pattern that allows only digits. */
const DIGITS = /^\^(?:\\d|\[0-9\])(?:[+*]|\{\d+(?:,\d*)?\})?\$$/
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/**
 * Creates the form of a step.
 *
 * @throws IntegrationError if a field has an invalid name or no JSON Schema, or if a secret is only a part of it
 */
export function makeForm(domain: string, shape: Readonly<Record<string, z.core.$ZodType>>): Form {
  const properties: Record<string, FieldSchema> = {}
  const required: string[] = []
  const secrets: string[] = []
  for (const [field, type] of Object.entries(shape)) {
    // zod would read `constructor` from the prototype of an input without it.
    if (!FIELD_NAME.test(field) || field in Object.prototype) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": invalid field name ${JSON.stringify(field)}. Start with a letter, use letters, digits, _ and -, and no property of Object.prototype.`,
      )
    }
    const schema = schemaOf(domain, field, type)
    const badUrl = schema.helpUrl === undefined ? null : httpsProblem(schema.helpUrl)
    if (badUrl !== null)
      throw new IntegrationError(
        domain,
        `Integration "${domain}": the helpUrl of the field "${field}" ${badUrl}`,
      )
    const secret = secretOf(type)
    const isOwn = hasOwnMessage(type) ? { ownMessages: true } : {}
    if (secret === null) {
      assertNoSecret(domain, field, type)
      properties[field] = { ...schema, ...isOwn }
    } else {
      secrets.push(field)
      // The schema of a pipe is that of its beginning. The title is often at its end.
      const whole = secretSchema(domain, field, { ...schemaOf(domain, field, secret), ...schema })
      properties[field] = { ...whole, ...isOwn }
    }
    if (!z.safeParse(type, undefined).success) required.push(field)
  }
  return {
    schema: freeze({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties,
      required,
      additionalProperties: false,
    }),
    order: Object.freeze(Object.keys(shape)),
    secrets: new Set(secrets),
    choices: NO_CHOICES,
  }
}

const NO_CHOICES: Form['choices'] = new Map()

/**
 * Validates the shape of submitted input and returns its values. `at` is the pointer to the input in its request.
 *
 * @throws InvalidInputError if it is not a JSON object, is too large, or has a field that is not on the form
 */
export function readInput(
  form: Pick<Form, 'order' | 'secrets'>,
  input: unknown,
  { at = '' }: { readonly at?: string } = {},
): FormInput {
  if (!isPlainObject(input))
    throw new InvalidInputError('The input is not an object. Submit an object with the fields of the form.')
  measure(input)
  const values: Record<string, Json> = {}
  const clear: Record<string, Json> = {}
  const unknown = Object.keys(input).filter((field) => !form.order.includes(field))
  if (unknown.length > 0) throw unknownFields(unknown, at)
  for (const field of Object.keys(input)) {
    const value = input[field]
    if (value === undefined) continue
    const copy = (typeof value === 'object' && value !== null ? structuredClone(value) : value) as Json
    values[field] = copy
    if (!form.secrets.has(field)) clear[field] = copy
  }
  return { values, clear }
}

/** The maximum number of unknown fields that an error names. */
const MAX_NAMED = 10

/** Returns the error for fields that are not on a form. A text that is too long for a name is not repeated. */
function unknownFields(fields: readonly string[], at: string): InvalidInputError {
  const named = fields.filter((field) => /^[A-Za-z_]\w{0,31}$/.test(field)).slice(0, MAX_NAMED)
  const names = named.length === 0 ? '' : `: ${named.map((field) => `"${field}"`).join(', ')}`
  return new InvalidInputError(
    `The input has ${fields.length === 1 ? 'a field that is' : 'fields that are'} not on the form${names}. Submit only the fields of the form.`,
    named.map((field) => `${at}/${field}`),
  )
}

/** An issue that zod reports. */
interface Issue extends RawIssue {
  readonly code: string
  readonly path?: readonly PropertyKey[] | undefined
  /** The unknown keys of a strict object. */
  readonly keys?: readonly string[] | undefined
  readonly params?: { readonly [name: string]: unknown } | undefined
  /** The expected type. */
  readonly expected?: string | undefined
  /** The type of a value that is too small or too big. */
  readonly origin?: string | undefined
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly inclusive?: boolean | undefined
}

/**
 * Converts zod's issues to the errors of a form: JSON Pointers (RFC 6901) and codes, never submitted values. The parts of
 * a secret are not named. `shown` makes the text of an author safe to show; null if it is not.
 */
export function formErrors(
  form: Form,
  issues: readonly Issue[],
  values: JsonObject,
  shown: (text: string) => string | null = () => null,
): FormErrors {
  const errors: Record<string, FormErrorCode> = {}
  for (const issue of issues) {
    const field = String(issue.path?.[0] ?? '')
    const isShown = form.order.includes(field)
    const path = shownPath(form, issue.path ?? [])
    const missing = isShown && isMissing(values, path)
    for (const key of issue.keys ?? [null]) {
      const pointer = pointerTo(key === null ? path : [...path, key])
      const code = codeOf(issue, missing)
      const own = ownMessage(issue)
      const message = own === null ? null : shown(own)
      const params = {
        ...(isShown && paramsOf(form, field, code, issue)),
        ...(message !== null && { message }),
      }
      errors[isShown ? pointer : 'base'] ??= { code, ...(Object.keys(params).length > 0 && { params }) }
    }
  }
  return errors
}

/** Returns the path of an issue. The parts of a secret are not named. */
export const shownPath = ({ secrets }: Pick<Form, 'secrets'>, path: readonly PropertyKey[]) =>
  secrets.has(String(path[0])) ? path.slice(0, 1) : path

/** Returns the JSON Pointer (RFC 6901) of a path. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Whether no value was submitted at a path. */
function isMissing(values: JsonObject, path: readonly PropertyKey[]): boolean {
  let value: unknown = values
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true
    value = value[part as keyof typeof value]
  }
  return false
}

function codeOf(issue: Issue, missing: boolean): string {
  if (missing) return 'required'
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.code
    return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : 'invalid'
  }
  return ['invalid_type', 'too_small', 'too_big', 'invalid_format', 'invalid_value'].includes(issue.code)
    ? issue.code
    : 'invalid'
}

/** Returns the values of the placeholders of an error; null without one. Secrets have no example. */
function paramsOf(
  { schema }: Form,
  field: string,
  code: string,
  issue: Issue,
): NonNullable<FormErrorCode['params']> | null {
  if (code === 'invalid_type') return { type: typeName(String(issue.expected)) }
  if (code === 'too_small' || code === 'too_big') {
    const limit = code === 'too_small' ? issue.minimum : issue.maximum
    // The texts include the limit itself.
    return {
      type: issue.inclusive === false ? 'other' : typeName(String(issue.origin)),
      limit: typeof limit === 'number' ? limit : String(limit),
    }
  }
  const examples = code === 'invalid_format' ? schema.properties[field]?.examples : undefined
  const [example] = Array.isArray(examples) ? examples : []
  return typeof example === 'string' ? { example } : null
}

/** Returns the name of a type in the texts. */
const typeName = (type: string): string => (type === 'int' ? 'integer' : type === 'set' ? 'array' : type)

function schemaOf(domain: string, field: string, type: z.core.$ZodType): FieldSchema {
  try {
    const {
      $schema: _,
      '~standard': __,
      ...schema
    } = z.toJSONSchema(type, { io: 'input' }) as Record<string, unknown>
    const inputMode = DIGITS.test(String(schema.pattern)) ? { inputMode: 'numeric' } : {}
    return JSON.parse(JSON.stringify({ ...inputMode, ...examplesOf(type), ...schema })) as FieldSchema
  } catch (cause) {
    const { message } = cause as Error
    throw new IntegrationError(
      domain,
      `Integration "${domain}": the field "${field}" cannot be shown in a form: ${message}`,
    )
  }
}

/** Returns the examples of a field. JSON Schema has none if the field converts its input, as an address does. */
function examplesOf(type: z.core.$ZodType): { readonly examples?: unknown } {
  const { examples } = z.globalRegistry.get(type) ?? {}
  if (examples !== undefined) return { examples }
  const { def } = type._zod
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType ? examplesOf(def.innerType) : {}
}

/**
 * Only a field as a whole is encrypted and hidden. A secret that is a part of a field would be stored and shown like
 * the rest of it.
 *
 * @throws IntegrationError
 */
function assertNoSecret(domain: string, field: string, type: z.core.$ZodType): void {
  const path = secretPath(type)
  if (path === null) return
  throw new IntegrationError(
    domain,
    `Integration "${domain}": the secret at "${field}${path}" would not be encrypted. Make it a separate field. A secret can be optional and other schemas can be piped into it, but it cannot be a part of another schema or be converted.`,
  )
}

/** Returns the JSON Schema of a secret field. @throws IntegrationError if its input is not text */
function secretSchema(domain: string, field: string, schema: FieldSchema): FieldSchema {
  if (schema.type !== undefined && schema.type !== 'string') {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": the input of the secret "${field}" is not text. Pipe a string into secret().`,
    )
  }
  const published = Object.entries(schema).filter(([keyword]) => SECRET_KEYWORDS.has(keyword))
  return { type: 'string', ...Object.fromEntries(published), format: 'password', writeOnly: true }
}

/**
 * Rejects input that is too large or is not JSON. Not recursive, because input could be nested to exhaust the stack.
 */
function measure(input: Record<string, unknown>): void {
  const refuse = (why: string): never => {
    throw new InvalidInputError(`The input ${why}.`)
  }
  let nodes = 0
  let characters = 0
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { value, depth } = item
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) refuse('is too large or too deeply nested')
    if (typeof value === 'string') characters += value.length
    else if (
      typeof value === 'number'
        ? !Number.isFinite(value)
        : !['boolean', 'object', 'undefined'].includes(typeof value)
    )
      refuse('contains a value that is not JSON')
    else if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value) && !isPlainObject(value)) refuse('contains a value that is not JSON')
      for (const [key, child] of Object.entries(value)) {
        characters += key.length
        open.push({ value: child, depth: depth + 1 })
      }
    }
    if (characters > MAX_CHARACTERS) refuse('is too large')
  }
}

/** Whether a value is a plain object, not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Freezes a JSON value recursively. */
export function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) freeze(child)
    Object.freeze(value)
  }
  return value
}
