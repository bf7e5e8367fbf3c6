import type { JsonObject } from '../../ports/json.ts'

/** Those of some values that a form has fields for. */
export const pickFields = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)))
