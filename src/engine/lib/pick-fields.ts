import type { JsonObject } from '../../ports/json.ts'

/** Those of some values that a form has fields for. */
export const onlyFields = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)))
