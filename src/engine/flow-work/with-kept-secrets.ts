import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { openSecrets } from '../secrets/vault.ts'

/** A verified grant of the entry `before`. */
interface NewGrant {
  readonly before: EntryRecord
  readonly uniqueId: string | null
  readonly data: JsonObject
  readonly secrets: JsonObject
}

/**
 * Returns the secrets of a new grant, with the stored ones that it omits: some services grant a refresh token only once.
 * Only for the same verified account, sign-in method, OAuth client and fields of the form. Another one would use the token
 * of another account or application, and send it to another server.
 */
export async function withKeptSecrets(
  core: Core,
  compiled: Compiled,
  { before, uniqueId, data, secrets }: NewGrant,
): Promise<JsonObject> {
  const { authorize } = compiled.integration
  // Fields before a sign-in can name the server.
  const places = [...(authorize?.boundTo ?? []), ...compiled.fullForm.order]
  const isSame =
    uniqueId !== null &&
    uniqueId === before.uniqueId &&
    compiled.method === (before.method ?? '') &&
    places.every((name) => before.data[name] === undefined || jsonEqual(before.data[name], data[name]))
  const omitted = [...compiled.storedForm.secrets].filter((name) => secrets[name] === undefined)
  if (authorize === undefined || !isSame || omitted.length === 0) return secrets
  const stored = await openSecrets(core, before).catch((): JsonObject => ({}))
  const kept = Object.entries(stored).filter(([name]) => omitted.includes(name))
  return { ...secrets, ...Object.fromEntries(kept) }
}
