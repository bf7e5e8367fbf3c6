import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { secretTexts, storedValues } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { openSecrets } from '../secrets/vault.ts'

/** The decrypted credential of an entry. */
export interface TokenValue {
  readonly entry: EntryRecord
  /** The stored values with decrypted secrets. */
  readonly values: JsonObject
  /** The values parsed by the integration's schema; null if they do not match it. */
  readonly stored: object | null
  /** Expiration time of the token (ms since the epoch); null if unknown. */
  readonly endsAt: number | null
}

/** Decrypts and parses the credential of an entry. @throws KeyMissingError, SealBrokenError */
export async function openToken(core: Core, compiled: Compiled, entry: EntryRecord): Promise<TokenValue> {
  const values = { ...entry.data, ...(await openSecrets(core, entry)) }
  const { integration, domain } = compiled
  try {
    const { data: stored = null } = compiled.storedSchema.safeParse(values)
    const expiresAt = integration.expiresAt as ((stored: object) => number | null) | undefined
    const endsAt = stored === null ? null : expiresAt?.call(integration, stored)
    // An integration may return a value that is not a time, for example NaN.
    return { entry, values, stored, endsAt: Number.isFinite(endsAt) ? Number(endsAt) : null }
  } catch (error) {
    // Code of the integration threw an error that can quote secrets.
    core.log.error(
      {
        domain,
        error: loggedError(error, secretTexts(compiled.storedForm, values)),
      },
      'The integration could not parse the stored values.',
    )
    return { entry, values, stored: null, endsAt: null }
  }
}

/** Returns the stored values with those of the answer to a refresh. Values that the answer omits are unchanged. */
export function withAnswer(compiled: Compiled, before: JsonObject, answer: object): JsonObject {
  const changed = Object.entries(answer).filter(([, value]) => value !== undefined && value !== null)
  return storedValues(compiled, { ...before, ...Object.fromEntries(changed) }, 'refresh')
}
