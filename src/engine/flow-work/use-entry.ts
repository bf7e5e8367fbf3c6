import type { CheckSubentryResult } from '../../../machines/subentry-result.ts'
import {
  EntryNotLoadedError,
  ReauthRequiredError,
  RefreshFailedError,
  UnknownEntryError,
} from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { showsNoText, WithheldError } from '../connections/service-calls.ts'
import { textsIn } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'
import { checkEntry } from '../records/entry-record.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openSecrets, openSubentry } from '../secrets/vault.ts'
import type { FlowRunOptions } from './flow-run-options.ts'

/** The failure of using the connection of an entry. */
export type UseFailure = Extract<CheckSubentryResult, { readonly type: 'failed' | 'missing' | 'disabled' }>

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
 *
 * @throws the error of `work`, as a WithheldError if its texts cannot be redacted
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
    if (showsNoText(error) || (await addSecretsOf(core, entry, secrets))) throw error
    throw new WithheldError(error)
  }
}

/**
 * Adds the secrets of an entry and of its sub-entries to `secrets`: as they were read, and as they are stored now. Returns
 * whether all of them could be read. Logs why not.
 */
export async function addSecretsOf(core: Core, entry: EntryRecord, secrets: string[]): Promise<boolean> {
  const { scope, entryId } = entry
  const opened = await Promise.all([
    secretsIn(core, async () => entry),
    secretsIn(core, () => core.store.getEntry(scope, entryId)),
  ])
  const parts = opened.flat()
  for (const part of parts) if (part.status === 'fulfilled') secrets.push(...textsIn(part.value))
  const unread = parts.find((part) => part.status === 'rejected')
  if (unread === undefined) return true
  const error = loggedError(unread.reason, secrets)
  core.log.warn(
    { scope, entryId, error },
    'The secrets of an entry could not be read. Texts of its integration are withheld.',
  )
  return false
}

type Secrets = PromiseSettledResult<JsonObject>

/** Returns the secrets of the entry that `read` returns, and of its sub-entries. */
async function secretsIn(
  core: Core,
  read: () => Promise<EntryRecord | undefined>,
): Promise<readonly Secrets[]> {
  try {
    const stored = await read()
    if (stored === undefined) return []
    const record = checkEntry(stored)
    const subentries = subentriesOf(record).map((subentry) => openSubentry(core, record, subentry))
    return await Promise.allSettled([openSecrets(core, record), ...subentries])
  } catch (reason) {
    return [{ status: 'rejected', reason }]
  }
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
