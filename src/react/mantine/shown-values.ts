import type { JsonObject } from '../../ports/json.ts'

/** Formats values for display: strings without quotes, other values as JSON. */
export const shownValues = (values: JsonObject): string =>
  Object.values(values)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ')
