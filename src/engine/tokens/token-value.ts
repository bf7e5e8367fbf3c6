import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { textsIn } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets } from '../secrets/vault.ts'

/** The decrypted values of an entry. */
export interface TokenValue {
  readonly entry: EntryRecord
  /** Secrets unencrypted. */
  readonly values: JsonObject
  /** The values as integrations receive them; null if they no longer match the schema. */
  readonly stored: object | null
  /** The expiry of the token (ms since the epoch), or null if unknown. */
  readonly endsAt: number | null
}

/** @throws KeyMissingError, SealBrokenError */
export async function openToken(core: Core, compiled: Compiled, entry: EntryRecord): Promise<TokenValue> {
  const values = { ...entry.data, ...(await openSecrets(core, entry)) }
  const { integration, domain } = compiled
  try {
    const { data: stored = null } = compiled.storedSchema.safeParse(values)
    const expiresAt = integration.expiresAt as ((stored: object) => number | null) | undefined
    const endsAt = stored === null ? null : (expiresAt?.call(integration, stored) ?? null)
    return { entry, values, stored, endsAt }
  } catch (error) {
    // The integration's own code threw, with the secrets at hand.
    core.log.error('An integration could not read its stored values.', {
      domain,
      error: loggedError(error, textsIn(values)),
    })
    return { entry, values, stored: null, endsAt: null }
  }
}
