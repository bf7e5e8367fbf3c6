import * as z from 'zod'
import { comparableAddress } from '../../authoring/field.ts'
import { secretsWithin } from '../../authoring/secret.ts'
import { InvalidInputError, SetupError } from '../../errors.ts'
import { type Form, readInput } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** Splits values into those that are stored unencrypted (`data`) and the secrets. */
export function splitStoredValues(
  { storedForm }: Pick<Compiled, 'storedForm'>,
  values: JsonObject,
): { readonly data: JsonObject; readonly secrets: JsonObject } {
  const data: Record<string, Json> = {}
  const secrets: Record<string, Json> = {}
  for (const [field, value] of Object.entries(values)) {
    if (storedForm.secrets.has(field)) secrets[field] = value
    else data[field] = value
  }
  return { data, secrets }
}

/**
 * Returns the stored fields of the values that a function of the integration returned. `later`: fields that the user
 * chooses afterwards.
 *
 * @throws InvalidInputError if they do not match the stored schema, and any error of its refinements
 */
export function storedValues(
  { storedForm, storedSchema }: Pick<Compiled, 'storedForm' | 'storedSchema'>,
  returned: object,
  returnedBy: string,
  later: readonly string[] = [],
): JsonObject {
  const known = storedForm.order.filter((field) => Object.hasOwn(returned, field))
  const picked = Object.fromEntries(known.map((field) => [field, returned[field as keyof typeof returned]]))
  const { values } = readInput(storedForm, picked)
  const parsed = (later.length === 0 ? storedSchema : without(storedSchema, later)).safeParse(values)
  if (parsed.success) return values
  const paths = [...new Set(parsed.error.issues.map(({ path }) => `/${path.join('/')}`))]
  throw new InvalidInputError(
    `${returnedBy} returned values that do not match the stored fields of the integration.`,
    paths,
  )
}

/**
 * Returns the stored fields of the values that a service granted.
 *
 * @throws SetupError with the paths of the values that do not match the stored schema
 */
export function grantedValues(...of: Parameters<typeof storedValues>): JsonObject {
  try {
    return storedValues(...of)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    throw new SetupError(`${error.message} Invalid: ${error.pointers.join(', ')}.`)
  }
}

/** Returns a schema in which some fields are optional and can have any value. */
const without = ({ shape }: z.ZodObject, fields: readonly string[]): z.ZodObject =>
  z.object({ ...shape, ...Object.fromEntries(fields.map((field) => [field, z.unknown().optional()])) })

/**
 * Returns the values of stored and submitted fields as their schemas validate them. Omits invalid ones, because a stored
 * value can be older than the schema of its field.
 */
export function knownFields(
  { schema, storedSchema }: Pick<Compiled, 'schema' | 'storedSchema'>,
  values: JsonObject,
): Readonly<Record<string, unknown>> {
  const shape: z.ZodObject['shape'] = { ...storedSchema.shape, ...schema.shape }
  const known: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const parsed = Object.hasOwn(shape, name) ? (shape[name] as z.ZodType).safeParse(value) : null
    if (parsed?.success === true) known[name] = parsed.data
  }
  return known
}

/** Normalizes the value of a field by its schema, so that all spellings of an address are equal. */
export function normalizedValue(
  { schema }: Pick<Compiled, 'schema'>,
  field: string,
  value: Json | undefined,
): string {
  const type = schema.shape[field] as z.ZodType
  const parsed = type.safeParse(value)
  return JSON.stringify(parsed.success ? comparableAddress(type, parsed.data) : value) ?? ''
}

/**
 * Returns a hash of the submitted non-secret values: they decide which service a login reaches. Undefined if they are
 * those of `stored`.
 */
export async function serviceKeyOf(
  compiled: Compiled,
  values: JsonObject,
  stored: JsonObject | undefined,
): Promise<string | undefined> {
  const { order, secrets } = compiled.fullForm
  const fields = order.filter((field) => !secrets.has(field))
  const isSame = (field: string, value: Json | undefined) =>
    values[field] === value ||
    normalizedValue(compiled, field, values[field]) === normalizedValue(compiled, field, value)
  if (stored !== undefined && fields.every((field) => isSame(field, stored[field]))) return undefined
  return hashOfTexts(textsOf(compiled, fields, values))
}

/** Returns the normalized values of fields. */
const textsOf = (compiled: Compiled, fields: readonly string[], values: JsonObject): readonly string[] =>
  fields.map((field) => normalizedValue(compiled, field, values[field]))

/** The hashes of texts. Users of the same service have the same texts, and Web Crypto hashes in another thread. */
const hashes = new Map<string, string>()

/** The maximum number of hashes in memory. */
const MAX_HASHES = 100

export async function hashOfTexts(texts: readonly string[]): Promise<string> {
  const text = JSON.stringify(texts)
  const known = hashes.get(text)
  if (known !== undefined) return known
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const hash = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (hashes.size === MAX_HASHES) hashes.clear()
  hashes.set(text, hash)
  return hash
}

/** Returns the match key of an entry that a discovery has created without a unique id: the announced id. */
export const foundKeyOf = (uniqueId: string): string => `found:${uniqueId}`

/** Returns the key of an entry that a discovery has created for another account than announced: a hash of the announcement. */
export const announcedKeyOf = async (uniqueId: string, address: string): Promise<string> =>
  `announced:${await hashOfTexts([uniqueId, address])}`

/** Whether {@link foundKeyOf} or {@link announcedKeyOf} made the key. */
export const isFoundKey = (matchKey: string | undefined): boolean =>
  /^(found|announced):/.test(matchKey ?? '')

/** The values of a form, and the answer to a challenge. */
export interface SubmittedValues {
  readonly values: JsonObject
  readonly challenge?: { readonly name: string; readonly values: JsonObject; readonly state?: Json }
}

/** Shorter texts in the state of a challenge are not redacted: they would match unrelated words of the log. */
const MIN_STATE = 8

/** Returns all secrets in submitted or stored values, to redact them from logs. */
export function secretsOf(compiled: Compiled, { values, challenge }: SubmittedValues): readonly string[] {
  return [
    ...secretTexts(compiled.fullForm, values),
    ...(compiled.storedForm === compiled.fullForm ? [] : secretTexts(compiled.storedForm, values)),
    ...(challenge === undefined
      ? []
      : secretTexts(compiled.challenges.get(challenge.name), challenge.values)),
    ...textsIn(challenge?.state ?? null).filter((text) => text.length >= MIN_STATE),
  ]
}

/** Returns the texts in the secret fields of a form. A schema that is piped into `secret()` can accept any JSON. */
export const secretTexts = (form: Pick<Form, 'secrets'> | undefined, values: JsonObject): readonly string[] =>
  [...(form?.secrets ?? [])].flatMap((field) => textsIn(values[field] ?? null))

/**
 * Returns the texts among values that an integration returned, except those of the fields that are stored unencrypted:
 * the log can show these.
 */
export function returnedSecrets(compiled: Compiled, values: object): readonly string[] {
  return Object.entries(values).flatMap(([field, value]: [string, unknown]) =>
    typeof value === 'string' && !isClear(compiled, field) ? [value] : [],
  )
}

/** Returns the texts among the values of `prepare`, except those of the fields that are stored unencrypted. */
export const preparedSecrets = (compiled: Compiled, prepared: JsonObject): readonly string[] =>
  Object.entries(prepared).flatMap(([field, value]) => (isClear(compiled, field) ? [] : textsIn(value)))

/** Whether a field is stored unencrypted. */
const isClear = ({ storedForm: { order, secrets } }: Compiled, field: string): boolean =>
  order.includes(field) && !secrets.has(field)

/** Adds the secrets among parsed values to `secrets`. */
export function collectSecrets(values: object, secrets: string[]): void {
  for (const secret of secretsWithin(values)) {
    const text = secret.reveal()
    // Each loaded entry keeps its list, and most values are the stored ones.
    if (!secrets.includes(text)) secrets.push(text)
  }
}

/** Returns all strings in a JSON value. Not recursive, because the value can be deeply nested. */
export function textsIn(value: Json): string[] {
  const texts: string[] = []
  const open: Json[] = [value]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item === 'string') texts.push(item)
    else if (typeof item === 'object' && item !== null) open.push(...Object.values(item))
  }
  return texts
}
