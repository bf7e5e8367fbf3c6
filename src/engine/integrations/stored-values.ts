import { InvalidInputError } from '../../errors.ts'
import { readInput } from '../../form.ts'
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
 * Returns the stored fields of the values that a function of the integration returned.
 *
 * @throws InvalidInputError if they do not match the stored schema, and any error of its refinements
 */
export function storedValues(compiled: Compiled, returned: object, returnedBy: string): JsonObject {
  const known = compiled.storedForm.order.filter((field) => Object.hasOwn(returned, field))
  const picked = Object.fromEntries(known.map((field) => [field, returned[field as keyof typeof returned]]))
  const { values } = readInput(compiled.storedForm, picked)
  if (compiled.storedSchema.safeParse(values).success) return values
  throw new InvalidInputError(
    `${returnedBy} returned values that do not match the stored fields of the integration.`,
  )
}
