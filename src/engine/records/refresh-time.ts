import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'

/**
 * Returns the time at which the token of an entry is refreshed although no call needs it (ms since the epoch): at the end
 * of the token, but not sooner than `limits.refreshUnused`. Null if the integration refreshes no tokens, or if their end is
 * unknown.
 */
export function refreshTimeOf(core: Core, compiled: Compiled, values: JsonObject): number | null {
  const endsAt = endOf(compiled, values)
  return endsAt === null ? null : Math.max(endsAt, core.clock.now() + core.limits.refreshUnused)
}

/** A refresh that no call needs is repeated this long after it failed, in milliseconds. */
const LATER = 3_600_000

type Change = Pick<EntryRecord, 'refreshAt'>

/** Returns the change that makes the refresh of an entry with a new token due in time; empty if nothing changes. */
export function nextRefresh(core: Core, compiled: Compiled, entry: EntryRecord, values: JsonObject): Change {
  const refreshAt = refreshTimeOf(core, methodOf(compiled, entry.method), values)
  return (entry.refreshAt ?? null) === refreshAt ? {} : { refreshAt }
}

/** Returns the change that makes a refresh due later, because it is not possible now; empty if it never is. */
export const laterRefresh = ({ refreshAt }: EntryRecord, now: number): Change =>
  refreshAt == null ? {} : { refreshAt: now + LATER }

function endOf({ integration, storedSchema }: Compiled, values: JsonObject): number | null {
  if (integration.refresh === undefined) return null
  try {
    const { data: stored = null } = storedSchema.safeParse(values)
    const expiresAt = integration.expiresAt as ((stored: object) => number | null) | undefined
    const endsAt = stored === null ? null : expiresAt?.call(integration, stored)
    return Number.isSafeInteger(endsAt) ? Number(endsAt) : null
  } catch {
    // The first use of the token logs the error.
    return null
  }
}
