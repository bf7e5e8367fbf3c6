import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { openSecrets } from '../secrets/vault.ts'

/**
 * Returns the secrets of a new grant, with the stored ones that it omits: some services grant a refresh token only once.
 * Only for the same verified account and the same sign-in method. Another one would use the token of another account or
 * application.
 */
export async function withKeptSecrets(
  core: Core,
  compiled: Compiled,
  { before, uniqueId, secrets }: { before: EntryRecord; uniqueId: string | null; secrets: JsonObject },
): Promise<JsonObject> {
  const isSame =
    uniqueId !== null && uniqueId === before.uniqueId && compiled.method === (before.method ?? '')
  const omitted = [...compiled.storedForm.secrets].filter((name) => secrets[name] === undefined)
  if (compiled.integration.authorize === undefined || !isSame || omitted.length === 0) return secrets
  const stored = await openSecrets(core, before).catch((): JsonObject => ({}))
  const kept = Object.entries(stored).filter(([name]) => omitted.includes(name))
  return { ...secrets, ...Object.fromEntries(kept) }
}
