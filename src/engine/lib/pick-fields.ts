import type { JsonObject } from '../../ports/json.ts'

/** Returns the values of the listed fields. */
export const pickFields = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)))
