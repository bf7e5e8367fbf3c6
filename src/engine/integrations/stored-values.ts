import { InvalidInputError } from '../../errors.ts'
import { readInput } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** What is kept, in two parts: what may lie in the clear, and what is sealed. */
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
 * What is kept of the values that an integration's function, called `by`, returned: those of its schema, as JSON.
 *
 * @throws InvalidInputError, and whatever a refinement of the schema throws
 */
export function storedValues(compiled: Compiled, returned: object, by: string): JsonObject {
  const known = compiled.storedForm.order.filter((field) => Object.hasOwn(returned, field))
  const picked = Object.fromEntries(known.map((field) => [field, returned[field as keyof typeof returned]]))
  const { values } = readInput(compiled.storedForm, picked)
  if (compiled.storedSchema.safeParse(values).success) return values
  throw new InvalidInputError(`What ${by} returned is not what the integration keeps.`)
}
