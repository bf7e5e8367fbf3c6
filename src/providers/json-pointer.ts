import type { Json, JsonObject } from '../ports/json.ts'
import type { Pointer } from './service-data.ts'

/** Returns the value at a place of a JSON document (RFC 6901), or `undefined`. */
export function valueAt(document: Json | undefined, pointer: Pointer): Json | undefined {
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  let value = document
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Array.isArray(value) ? value[Number(name)] : (value as JsonObject)[name]
  }
  return value
}

/** Returns the text or number at a place as text, or `undefined` without one. */
export function textAt(document: Json | undefined, pointer: Pointer): string | undefined {
  const value = valueAt(document, pointer)
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
