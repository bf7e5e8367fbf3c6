import * as z from 'zod'
import { Opaque } from '../../machines/opaque.ts'

/**
 * A secret that a user entered. Only `reveal()` returns it. JSON, `util.inspect` and template strings show `[secret]`.
 */
export class Secret extends Opaque<string> {
  constructor(text: string) {
    super(text, '[secret]')
  }
}

const toSecret = z.transform((text: string) => new Secret(text))

/** The type of a secret field: its input is a string, its output a {@link Secret}. */
export type SecretField = z.ZodPipe<z.ZodType<string, string>, z.ZodTransform<Secret, string>>

/**
 * Defines a field for a secret, such as a password or token. Stored encrypted, and never included in a view.
 *
 * The secret must be the field as a whole: `createLatchkey` rejects an integration with a secret in an object, an array
 * or a union, or one that is converted. It can be optional, and other schemas can be piped into it.
 * A line break in it is lost in a one-line input. For a key of several lines, add `.meta({ multiline: true })`: users then
 * paste it into a text area, and it stays as they entered it.
 * @param text validates the secret. Defaults to 1 to 16,384 characters.
 *
 * @example
 * ```ts
 * import { secret } from 'latchkey'
 * import * as z from 'zod'
 *
 * const fields = z.object({
 *   apiToken: secret().meta({ title: 'API token' }),
 *   pin: secret(z.string().regex(/^\d{6}$/)),
 *   privateKey: secret().meta({ title: 'Private key', multiline: true }),
 * })
 * ```
 */
export function secret(text: z.ZodType<string, string> = z.string().min(1).max(16_384)): SecretField {
  return z.pipe(text, toSecret)
}

/** The types of schemas that change when a value is required or replaced, but not the value. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'optional',
  'nullable',
  'default',
  'prefault',
  'catch',
  'readonly',
  'nonoptional',
  'lazy',
])

/** Whether the field as a whole is a {@link secret}, also if it is optional or if another schema is piped into it. */
export const isSecretField = (field: z.core.$ZodType): boolean => secretOf(field) !== null

/** Returns the {@link secret} that a field as a whole is, without the schemas around it. Null if it is not one. */
export function secretOf(
  field: z.core.$ZodType,
  seen: ReadonlySet<z.core.$ZodType> = new Set<z.core.$ZodType>(),
): z.core.$ZodType | null {
  if (isSecretPipe(field)) return field
  if (seen.has(field)) return null
  const around = new Set(seen).add(field)
  const pipe = pipeOf(field)
  if (pipe !== null) return secretPath(pipe.in) === null ? secretOf(pipe.out, around) : null
  const [inner] = WRAPPERS.has(field._zod.def.type) ? childrenOf(field) : []
  return inner === undefined ? null : secretOf(inner.schema, around)
}

/**
 * Returns the path of the first {@link secret} in a schema, for example `.login.password`. Empty if the schema is one
 * itself. Null without a secret.
 */
export const secretPath = (schema: z.core.$ZodType): string | null => pathWithin(schema, new Set())

function pathWithin(schema: z.core.$ZodType, seen: Set<z.core.$ZodType>): string | null {
  if (isSecretPipe(schema)) return ''
  if (seen.has(schema)) return null
  seen.add(schema)
  for (const { step, schema: child } of childrenOf(schema)) {
    const path = pathWithin(child, seen)
    if (path !== null) return `${step}${path}`
  }
  return null
}

const isSecretPipe = (schema: z.core.$ZodType): boolean => pipeOf(schema)?.out === toSecret

/** Returns the two schemas of a pipe, a preprocessing or a codec; null for other schemas. */
function pipeOf({ _zod: { def } }: z.core.$ZodType): { in: z.core.$ZodType; out: z.core.$ZodType } | null {
  if (!('in' in def && 'out' in def)) return null
  return isSchema(def.in) && isSchema(def.out) ? { in: def.in, out: def.out } : null
}

const isSchema = (value: unknown): value is z.core.$ZodType => value instanceof z.core.$ZodType

interface Child {
  readonly step: string
  /** The key of the object schema that has it. */
  readonly key?: string
  readonly schema: z.core.$ZodType
}

/** The steps of a path by the property of the definition. Other schemas are at the path of their parent. */
const STEPS: Readonly<Record<string, string>> = { element: '[]', rest: '[]', valueType: '.*', catchall: '.*' }

/** Returns the schemas that a schema of any type consists of. */
export function childrenOf(schema: z.core.$ZodType): readonly Child[] {
  if (schema instanceof z.core.$ZodLazy) return [{ step: '', schema: schema._zod.innerType }]
  return Object.entries(schema._zod.def).flatMap(([property, value]: [string, unknown]): readonly Child[] => {
    if (isSchema(value)) return [{ step: STEPS[property] ?? '', schema: value }]
    if (typeof value !== 'object' || value === null) return []
    const stepOf = (name: string) =>
      property === 'shape' ? `.${name}` : property === 'items' ? `[${name}]` : ''
    return Object.entries(value).flatMap(([name, child]: [string, unknown]) =>
      isSchema(child)
        ? [{ step: stepOf(name), schema: child, ...(property === 'shape' && { key: name }) }]
        : [],
    )
  })
}

/** Returns all secrets in a parsed value, however deep. Does not call getters. */
export function secretsWithin(value: unknown): readonly Secret[] {
  const secrets: Secret[] = []
  const seen = new Set<unknown>()
  const open = [value]
  for (let item = open.pop(); item !== undefined || open.length > 0; item = open.pop()) {
    if (item instanceof Secret) secrets.push(item)
    else if (typeof item === 'object' && item !== null && !seen.has(item) && !ArrayBuffer.isView(item)) {
      seen.add(item)
      if (item instanceof Map || item instanceof Set) open.push(...item.keys(), ...item.values())
      else for (const member of Object.values(Object.getOwnPropertyDescriptors(item))) open.push(member.value)
    }
  }
  return secrets
}
