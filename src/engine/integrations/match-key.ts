import type * as z from 'zod'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** Normalizes the value of a field by its schema, so that two spellings of an address are equal. */
export function normalizedValue({ schema }: Compiled, field: string, value: Json | undefined): string {
  const type = schema.shape[field] as z.ZodType
  const parsed = type.safeParse(value)
  return JSON.stringify(parsed.success ? parsed.data : value) ?? ''
}

/**
 * Returns the key that must be unique among the entries of an integration, in addition to the unique id: `single`, or
 * a hash of the fields in `abortIfEntriesMatch`. Undefined if the integration requires neither.
 */
export async function matchKeyOf(compiled: Compiled, data: JsonObject): Promise<string | undefined> {
  const { singleInstance, abortIfEntriesMatch } = compiled.integration
  if (singleInstance === true) return 'single'
  if (abortIfEntriesMatch === undefined) return undefined
  const values = abortIfEntriesMatch.map((field) => normalizedValue(compiled, field, data[field]))
  const bytes = new TextEncoder().encode(JSON.stringify(values))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `match:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
