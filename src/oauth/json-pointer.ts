import type { Json, JsonObject } from '../ports/json.ts'

/** Returns the value at a place of a JSON document (RFC 6901), or `undefined`. */
export function valueAt(document: Json | undefined, pointer: `/${string}`): Json | undefined {
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
