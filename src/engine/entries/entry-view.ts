import type { EntryRecord } from '../../ports/store.ts'
import type { EntryError, EntryView } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { addressOf } from '../records/address-of.ts'
import { subentriesOf } from '../records/subentries.ts'
import type { EntryFailure } from './entry-health.ts'
import type { EntryRun } from './entry-run.ts'
import { storedStateOf } from './stored-state.ts'

/** The parts of a view that depend on whether this process has loaded the entry. */
type Current = Pick<EntryView, 'state' | 'reason' | 'stateSince' | 'retryAt' | 'attempt' | 'quiet'> & {
  readonly failure: EntryFailure | null
}

/**
 * Returns the view of an entry. `run`: the entry in this process, if it is in memory. `answeredAt`: the last answer of its
 * service to this process; null if unknown.
 */
export function entryView(
  core: Core,
  entry: EntryRecord,
  { run, answeredAt }: { readonly run: EntryRun | undefined; readonly answeredAt: number | null },
): EntryView {
  const { scope, entryId, domain, uniqueId, title, reauth, disabled, revision, createdAt, updatedAt } = entry
  const isIdle = run === undefined || (run.lazy && run.state === 'not_loaded')
  const { failure, ...current } = isIdle ? storedPart(core, entry) : runningPart(entry, run)
  const isReady = current.state === 'not_loaded' && (run?.lazy ?? core.lazy)
  const compiled = core.integrations.get(domain)
  const address = entry.address ?? addressOf(compiled, entry.data)
  return core.languages.localizer.entry({
    scope,
    entryId,
    domain,
    uniqueId,
    title,
    ...current,
    ...(address !== undefined && { address }),
    account: entry.account ?? title,
    ...(entry.method !== undefined && { method: entry.method }),
    ...(answeredAt !== null && { checkedAt: answeredAt }),
    ...(failure !== null && { lastError: errorOf(failure) }),
    ...(isReady && { idle: true }),
    reauth,
    disabled,
    options: entry.options,
    subentries: subentriesOf(entry).map(({ data: _, sealed: __, ...shown }) => shown),
    ignored: entry.ignored ?? false,
    linkGeneration: entry.linkGeneration ?? 0,
    expiresAt: entry.expiresAt ?? null,
    revision,
    createdAt,
    updatedAt,
  })
}

/** Returns a failure with the code and the placeholders of the integration, if it explains the failure. */
const errorOf = ({ explained, ...failure }: EntryFailure): Omit<EntryError, 'text'> => ({
  ...failure,
  ...explained,
})

/** Returns the part of an entry that this process has not loaded. */
function storedPart(core: Core, entry: EntryRecord): Current {
  const { state, reason } = storedStateOf(core, entry)
  const since = storedSince(entry, state)
  const { setupFailure } = entry
  const isFailing = state === 'setup_retry' && setupFailure != null
  return {
    state,
    reason,
    ...(since !== null && { stateSince: since }),
    ...(isFailing && { attempt: setupFailure.tries }),
    ...(isFailing && setupFailure.retryAt !== null && { retryAt: setupFailure.retryAt }),
    failure:
      reason === null
        ? null
        : { code: reason, at: since ?? entry.updatedAt, ...explainedIn(setupFailure, reason) },
  }
}

/** Returns the part of an entry that this process has loaded, or tries to load. */
function runningPart(entry: EntryRecord, run: EntryRun): Current {
  const { state, reason, tries, nextTry, health, trouble } = run
  const { failed } = run.work
  const since = storedSince(entry, state) ?? run.stateSince
  const isLoaded = state === 'loaded'
  return {
    state,
    reason,
    stateSince: since,
    ...(nextTry !== null && { retryAt: nextTry }),
    ...(!isLoaded && tries > 0 && { attempt: tries }),
    ...(isLoaded && health.isQuiet && { quiet: true }),
    failure: isLoaded
      ? health.failure
      : reason === null
        ? null
        : failed?.failure.code === reason
          ? { ...failed.failure, ...(trouble !== null && { ref: trouble.ref }) }
          : { code: reason, at: since, ...explainedIn(entry.setupFailure, reason) },
  }
}

/** Returns the stored explanation of a reason; empty without one. */
const explainedIn = (failure: EntryRecord['setupFailure'], reason: string) =>
  failure?.explained === undefined || failure.reason !== reason ? {} : { explained: failure.explained }

/** Returns since when an entry has a state according to its record; null if the record does not tell. */
function storedSince(
  { reauth, setupFailure, disabledAt }: EntryRecord,
  state: EntryView['state'],
): number | null {
  if (state === 'disabled') return disabledAt ?? null
  if (state === 'reauth_required') return reauth?.since ?? null
  return state === 'setup_retry' || state === 'setup_error' ? (setupFailure?.since ?? null) : null
}
