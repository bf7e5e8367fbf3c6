import type { AuditDetail } from '../../ports/history.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { jsonEqual } from '../lib/json.ts'
import { addressOf } from './address-of.ts'

/** The maximum length of a value in a history row. */
const MAX_LENGTH = 200

/**
 * Returns the change of fields for a history row; `{}` without a change. It always has the names of the fields, and the values
 * only of a single field without a secret. Pass no field with a secret value unless its name is in `secrets`.
 */
export function changedFields(
  before: JsonObject,
  after: JsonObject,
  secrets: ReadonlySet<string>,
): { readonly detail?: AuditDetail } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter((name) => !jsonEqual(before[name] ?? null, after[name] ?? null))
  const [field] = changed
  if (field === undefined) return {}
  const isShown = changed.length === 1 && !secrets.has(field)
  return {
    detail: {
      field: changed.join(', '),
      ...(isShown && { ...textOf('before', before[field]), ...textOf('after', after[field]) }),
    },
  }
}

/** Returns the new address of an entry for a history row: host and port, or the changed fields if these are the same. */
export function movedAddress(
  compiled: Compiled,
  { data, address }: EntryRecord,
  values: JsonObject,
): { readonly detail?: AuditDetail } {
  const before = address ?? addressOf(compiled, data)
  const after = addressOf(compiled, values)
  if (after !== undefined && after !== before)
    return { detail: { field: 'address', ...textOf('before', before), after } }
  const known = Object.fromEntries(Object.entries(data).filter(([field]) => Object.hasOwn(values, field)))
  return changedFields(known, values, compiled.storedForm.secrets)
}

/** Returns the change of the account of an entry for a history row. */
export const replacedAccount = (before: EntryRecord, after: EntryRecord): AuditDetail => ({
  field: 'account',
  before: before.account ?? before.title,
  after: after.account ?? after.title,
})

/** Returns a value as text; nothing for a list, an object, or a value that is absent. */
function textOf(key: 'before' | 'after', value: Json | undefined): AuditDetail {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isText ? { [key]: String(value).slice(0, MAX_LENGTH) } : {}
}
