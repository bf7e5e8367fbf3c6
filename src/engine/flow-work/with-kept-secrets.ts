import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { removalWrites } from '../removals/removal-record.ts'
import { openSecrets } from '../secrets/vault.ts'

/** The stored fields that name the OAuth client of a grant, and its server. */
const CLIENT = ['clientId', 'clientOf', 'tokensOf']

/**
 * Returns the removal of the grant of an entry if another account replaces its own, or if a new grant replaces its
 * registered client, unless a roll-back can need that again.
 */
export function replacedGrant(
  core: Core,
  before: EntryRecord,
  next: JsonObject,
  { replaces, mayRollBack }: { readonly replaces: boolean; readonly mayRollBack: boolean },
): ReturnType<typeof removalWrites> {
  const { data } = before
  const losesClient =
    !mayRollBack &&
    data.clientOf !== undefined &&
    ['clientId', 'clientOf'].some((name) => data[name] !== next[name])
  return replaces || losesClient ? removalWrites(core, before, { isTold: !replaces }) : []
}

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
  // Fields before a sign-in can name the server.
  const places = [...CLIENT, ...compiled.fullForm.order]
  const isSame =
    uniqueId !== null &&
    uniqueId === before.uniqueId &&
    compiled.method === (before.method ?? '') &&
    places.every((name) => before.data[name] === undefined || jsonEqual(before.data[name], data[name]))
  const omitted = [...compiled.storedForm.secrets].filter((name) => secrets[name] === undefined)
  if (compiled.integration.authorize === undefined || !isSame || omitted.length === 0) return secrets
  const stored = await openSecrets(core, before).catch((): JsonObject => ({}))
  const kept = Object.entries(stored).filter(([name]) => omitted.includes(name))
  return { ...secrets, ...Object.fromEntries(kept) }
}
