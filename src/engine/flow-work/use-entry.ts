import type { CheckSubentryResult } from '../../../machines/subentry-result.ts'
import {
  EntryNotLoadedError,
  ReauthRequiredError,
  RefreshFailedError,
  UnknownEntryError,
} from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { textsIn } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { checkEntry } from '../records/entry-record.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openSecrets, openSubentry } from '../secrets/vault.ts'
import type { FlowRunOptions } from './flow-run-options.ts'

/** The failure of using the connection of an entry. */
type UseFailure = Extract<CheckSubentryResult, { readonly type: 'failed' | 'missing' | 'disabled' }>

/** A call of the integration with the client of an entry. */
interface EntryCall<Result> {
  /** The entry as it was read at the start of the flow's work. */
  readonly entry: EntryRecord
  readonly call: Call
  /** The secrets to redact from the log and from the texts of the integration. */
  readonly secrets: string[]
  work(client: unknown): Promise<Result>
}

/**
 * Runs `work` with the client of an entry, or returns why the entry has none. The client knows the secrets of the entry,
 * and its errors can quote them: they are added to `secrets` before such an error is passed on.
 */
export async function useEntry<Result>(
  { core, host }: Pick<FlowRunOptions, 'core' | 'host'>,
  { entry, call, secrets, work }: EntryCall<Result>,
): Promise<Result | UseFailure> {
  const { scope, entryId, domain } = entry
  try {
    return await host.use({ scope, entryId, domain }, work, call.signal)
  } catch (error) {
    const failure = useFailure(error, core.clock.now())
    if (failure !== null) return failure
    secrets.push(...(await secretsOfEntry(core, entry)))
    throw error
  }
}

/** Returns the secrets of an entry and of its sub-entries: as they were read, and as they are stored now. */
async function secretsOfEntry(core: Core, entry: EntryRecord): Promise<readonly string[]> {
  const stored = await core.store.getEntry(entry.scope, entry.entryId)
  const records = [entry, stored].filter((record) => record !== undefined).map(checkEntry)
  const opened = records.flatMap((record) => [
    openSecrets(core, record),
    ...subentriesOf(record).map((subentry) => openSubentry(core, record, subentry)),
  ])
  return (await Promise.all(opened)).flatMap(textsIn)
}

/** Returns the failure of using the entry's connection; null if the error has another cause. */
export function useFailure(error: unknown, now: number): UseFailure | null {
  if (error instanceof UnknownEntryError) return { type: 'missing' }
  if (error instanceof ReauthRequiredError) return { type: 'failed', error: 'reauth_required' }
  if (error instanceof EntryNotLoadedError) {
    return error.state === 'disabled' ? { type: 'disabled' } : { type: 'failed', error: 'entry_not_loaded' }
  }
  if (!(error instanceof RefreshFailedError)) return null
  const { reason, retryAfter } = error
  const isLimited = reason === 'rate_limited' && retryAfter !== null
  if (isLimited) return { type: 'failed', error: 'rate_limited', until: now + retryAfter * 1000 }
  return { type: 'failed', error: 'entry_not_loaded' }
}
