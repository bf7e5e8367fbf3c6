import { InvalidInputError } from '../errors.ts'
import { readInput } from '../form.ts'
import type { JsonObject } from '../ports/json.ts'
import type { Compiled } from './compile.ts'

/**
 * What is kept of the values that an integration's function, called `by`, returned: those of its schema, as JSON.
 *
 * @throws InvalidInputError, and whatever a refinement of the schema throws
 */
export function keptValues(compiled: Compiled, returned: object, by: string): JsonObject {
  const known = compiled.kept.order.filter((field) => Object.hasOwn(returned, field))
  const picked = Object.fromEntries(known.map((field) => [field, returned[field as keyof typeof returned]]))
  const { values } = readInput(compiled.kept, picked)
  if (compiled.keptSchema.safeParse(values).success) return values
  throw new InvalidInputError(`What ${by} returned is not what the integration keeps.`)
}
