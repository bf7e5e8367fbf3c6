import type * as z from 'zod'
import { Secret } from '../../authoring/secret.ts'
import { InvalidInputError } from '../../errors.ts'
import { type Form, formErrors, isPlainObject, pointerTo, readInput } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import { unlistedIn } from './choices.ts'

/** Content that an integration or an import names does not match the schema. The message never quotes a value. */
export class UnfitError extends Error {
  /** The first invalid part (RFC 6901). */
  readonly path: string
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path} ${why}`.trim(), options)
    this.path = path
  }
}

/** A schema with its form, and the path of the values in what the integration returned. */
export interface Fitting {
  readonly form: Form
  readonly schema: z.ZodObject
  readonly at: readonly PropertyKey[]
}

/**
 * Returns the values if they match a schema. A `Secret` counts as its text.
 *
 * @throws UnfitError if they do not match, or if a `Secret` is in a field that is not encrypted
 */
export function fittingValues({ form, schema, at }: Fitting, given: unknown): JsonObject {
  if (!isPlainObject(given)) throw new UnfitError(pointerTo(at), 'is not a plain object')
  const plain: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(given)) {
    const isSecret = value instanceof Secret
    if (isSecret && !form.secrets.has(field))
      throw new UnfitError(pointerTo([...at, field]), 'is a secret, but not a secret field')
    plain[field] = isSecret ? value.reveal() : value
  }
  try {
    return parsed({ form, schema, at }, plain)
  } catch (error) {
    if (error instanceof UnfitError) throw error
    if (!(error instanceof InvalidInputError))
      throw new UnfitError(pointerTo(at), 'cannot be validated: the schema threw an error', { cause: error })
    throw new UnfitError(pointerTo(at) + (error.pointers[0] ?? ''), `is invalid. ${error.message}`)
  }
}

function parsed({ form, schema, at }: Fitting, plain: Record<string, unknown>): JsonObject {
  const { values } = readInput(form, plain)
  const { error } = schema.safeParse(values)
  const [unlisted] = unlistedIn(form.choices, values)
  if (error === undefined && unlisted !== undefined)
    throw new UnfitError(pointerTo([...at, unlisted]), 'is not one of the choices')
  if (error === undefined) return values
  const errors = Object.entries(formErrors(form, error.issues, values))
  const named = errors.map(([pointer, { code }]) => [pointer === 'base' ? '' : pointer, code] as const)
  const list = named.map(([pointer, code]) => `${pointerTo(at)}${pointer} ${code}`).join(', ')
  const path = pointerTo(at) + String(named[0]?.[0])
  throw new UnfitError(path, list.slice(path.length + 1))
}

/** @throws UnfitError if two sub-entries of a type have the same unique id */
export function assertDistinct(
  subentries: readonly { readonly type: string; readonly uniqueId: string | null }[],
): void {
  for (const [index, { type, uniqueId }] of subentries.entries()) {
    const first = subentries.findIndex((other) => other.type === type && other.uniqueId === uniqueId)
    if (uniqueId !== null && first !== index)
      throw new UnfitError(`/subentries/${index}/uniqueId`, `is also that of /subentries/${first}`)
  }
}
