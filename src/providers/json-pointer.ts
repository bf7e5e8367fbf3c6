import { valueAt } from '../oauth/json-pointer.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { Pointer } from './service-data.ts'

/** Returns the text or number at a place as text, or `undefined` without one. */
export function textAt(document: Json | undefined, pointer: Pointer): string | undefined {
  const value = valueAt(document, pointer)
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
