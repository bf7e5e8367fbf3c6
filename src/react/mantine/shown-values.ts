import type { JsonObject } from '../../ports/json.ts'

/** Values as one reads them: those that are texts as they are. */
export const shownValues = (values: JsonObject): string =>
  Object.values(values)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ')
