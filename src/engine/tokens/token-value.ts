import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { textsIn } from '../integrations/secret-values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets } from '../secrets/vault.ts'

/** What is stored of an entry, opened. */
export interface TokenValue {
  readonly entry: EntryRecord
  /** Secrets in clear. */
  readonly values: JsonObject
  /** As integrations are handed it; null where it no longer fits what they keep. */
  readonly stored: object | null
  /** When its token ends (ms since the epoch); null where nobody knows. */
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
    core.log.error('An integration could not read what it keeps.', {
      domain,
      error: loggedError(error, textsIn(values)),
    })
    return { entry, values, stored: null, endsAt: null }
  }
}
