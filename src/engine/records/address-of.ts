import { hostAndPort } from '../../authoring/address.ts'
import { isAddressField } from '../../authoring/field.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** Returns host and port of the first address field that has a value, for users; undefined without one. */
export function addressOf(compiled: Compiled | undefined, values: JsonObject): string | undefined {
  if (compiled === undefined) return undefined
  const fields = { ...compiled.storedSchema.shape, ...compiled.schema.shape }
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(values, name) && isAddressField(field) ? values[name] : undefined
    const address = typeof value === 'string' ? hostAndPort(value) : null
    if (address !== null) return address
  }
  return undefined
}
