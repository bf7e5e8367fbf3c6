import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { grantedValues, secretTexts } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { ownEntry } from '../records/entry-record.ts'
import { nextRefresh } from '../records/refresh-time.ts'
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
  const { integration, domain } = methodOf(compiled, entry.method)
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

/**
 * Returns the stored values with those of the answer to a refresh. Values that the answer omits are unchanged.
 *
 * @throws SetupError with the paths of the values that do not match the stored schema
 */
export function withAnswer(compiled: Compiled, before: JsonObject, answer: object): JsonObject {
  const changed = Object.entries(answer).filter(([, value]) => value !== undefined && value !== null)
  return grantedValues(compiled, { ...before, ...Object.fromEntries(changed) }, 'refresh')
}

/** A refreshed token, encrypted for the entry. */
interface SavedToken extends Pick<EntryRecord, 'data' | 'sealed'> {
  readonly values: JsonObject
  /** When the service answered (ms since the epoch); null if this process does not know it. */
  readonly answeredAt: number | null
}

/** Returns the next revision of an entry, with a refreshed token. */
export function withToken(
  core: Core,
  compiled: Compiled,
  entry: EntryRecord,
  token: SavedToken,
): EntryRecord {
  // The service has accepted the credential, so the previous values are no longer needed.
  const { previous: _, refreshedAt: _before, ...rest } = entry
  return ownEntry({
    ...rest,
    ...nextRefresh(core, compiled, entry, token.values),
    data: token.data,
    sealed: token.sealed,
    // Ends the refresh of a process of an earlier version.
    ...(rest.lease != null && { lease: null }),
    ...(token.answeredAt !== null && { refreshedAt: token.answeredAt }),
    ...(rest.refreshFailure != null && { refreshFailure: null }),
    revision: entry.revision + 1,
    updatedAt: core.clock.now(),
  })
}
