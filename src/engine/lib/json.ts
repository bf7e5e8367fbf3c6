import type { Json, JsonObject } from '../../ports/json.ts'

/** Whether two values are equal as JSON. The order of members does not matter. */
export function jsonEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true
  if (!isParent(one) || !isParent(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const names = namesOf(one)
  return (
    names.length === namesOf(other).length &&
    names.every((name) => Object.hasOwn(other, name) && jsonEqual(one[name], other[name]))
  )
}

type Parent = { readonly [name: string]: Json }

const isParent = (value: Json | undefined): value is Parent & Json =>
  typeof value === 'object' && value !== null

/** Returns the names of the members that JSON would contain: not those that are `undefined`. */
const namesOf = (parent: Parent): string[] => Object.keys(parent).filter((name) => parent[name] !== undefined)

/** Returns the values of the listed fields. */
export const pickFields = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)))
