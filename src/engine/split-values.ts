import type { Form } from '../form.ts'
import type { Json, JsonObject } from '../ports/json.ts'

/** What is kept, in two parts: what may lie in the clear, and what is sealed. */
export function splitValues(
  { kept }: { readonly kept: Form },
  values: JsonObject,
): { readonly data: JsonObject; readonly secrets: JsonObject } {
  const data: Record<string, Json> = {}
  const secrets: Record<string, Json> = {}
  for (const [field, value] of Object.entries(values)) {
    if (kept.secrets.has(field)) secrets[field] = value
    else data[field] = value
  }
  return { data, secrets }
}
