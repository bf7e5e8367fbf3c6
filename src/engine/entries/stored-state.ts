import type { EntryRecord } from '../../ports/store.ts'
import type { EntryState } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { versionMisfit } from '../records/entry-versions.ts'

/** The state of an entry, and the reason for it as a code. */
export interface StoredState {
  readonly state: EntryState
  readonly reason: string | null
}

/** Returns the state that an entry has in a process that has not loaded it. */
export function storedStateOf(core: Core, entry: EntryRecord): StoredState {
  const { disabled, migrationError, rejectedRevision, credentialRevision, setupFailure } = entry
  if (disabled) return { state: 'disabled', reason: null }
  const misfit = misfitOf(core, entry)
  if (misfit === 'newer_version' || migrationError !== null)
    return { state: 'migration_error', reason: misfit ?? 'migration_error' }
  if (misfit !== null) return { state: 'setup_error', reason: misfit }
  if (rejectedRevision === credentialRevision) return { state: 'reauth_required', reason: 'invalid_auth' }
  if (setupFailure == null) return { state: 'not_loaded', reason: null }
  const { reason, retryAt } = setupFailure
  return { state: retryAt === null ? 'setup_error' : 'setup_retry', reason }
}

/**
 * Returns why this process cannot load an entry, although another one may: its integration is not registered, or of an
 * older version. Null if it can.
 */
export function misfitOf(
  { integrations }: Core,
  entry: EntryRecord,
): 'integration_missing' | 'newer_version' | null {
  const compiled = integrations.get(entry.domain)
  if (compiled === undefined) return 'integration_missing'
  const misfit = versionMisfit(compiled, entry)
  return misfit !== null && misfit.version > misfit.supported ? 'newer_version' : null
}
