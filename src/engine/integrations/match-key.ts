import type * as z from 'zod'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { Compiled } from './compiled.ts'

/** A value as its integration reads it, as one text: two spellings of an address are the same. */
export function readingOf({ schema }: Compiled, field: string, value: Json | undefined): string {
  const type = schema.shape[field] as z.ZodType
  const read = type.safeParse(value)
  return JSON.stringify(read.success ? read.data : value) ?? ''
}

/**
 * What only one entry of an integration may have beside its identity: being the single one, or the values by which
 * entries match; undefined where the integration does not care.
 */
export async function matchKeyOf(compiled: Compiled, data: JsonObject): Promise<string | undefined> {
  const { singleInstance, abortIfEntriesMatch } = compiled.integration
  if (singleInstance === true) return 'single'
  if (abortIfEntriesMatch === undefined) return undefined
  const values = abortIfEntriesMatch.map((field) => readingOf(compiled, field, data[field]))
  const bytes = new TextEncoder().encode(JSON.stringify(values))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `match:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
