import type { Log } from '../../ports/log.ts'
import type { EntryState } from '../api/entries.ts'
import { newRef } from '../lib/new-ref.ts'
import type { FailedConnect } from './entry-actors.ts'

/** The messages about the states of entries. Each is logged once per change of the state or of its reason. */
export const ENTRY_MESSAGES = {
  loaded: 'An entry was loaded.',
  repaired: 'An entry was repaired.',
  setup_retry: 'An entry cannot connect. Latchkey retries.',
  setup_error: 'An entry cannot be set up. Retrying does not help.',
  migration_error: 'An entry cannot be migrated.',
  reauth_required: 'An entry requires a reauthentication.',
} as const

type FailedState = Exclude<keyof typeof ENTRY_MESSAGES, 'loaded' | 'repaired'>

/** A failure that the log names, with the reference of its line. */
export interface Trouble {
  readonly state: FailedState
  readonly reason: string | null
  readonly ref: string
}

/** An entry in this process, as its log lines need it. */
interface LoggedEntry {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  /** The failure of the last line; null without one. */
  readonly trouble: Trouble | null
  readonly work: { readonly failed: FailedConnect | null }
}

const isFailed = (state: EntryState): state is FailedState => state !== 'loaded' && state in ENTRY_MESSAGES

/** Logs a new state of an entry, unless the last line was about the same one. Returns the failure that the log now names. */
export function logState(
  log: Log,
  { scope, entryId, domain, trouble, work }: LoggedEntry,
  { state, reason }: { readonly state: EntryState; readonly reason: string | null },
): Trouble | null {
  const about = { scope, entryId, domain }
  if (state === 'loaded') {
    const isRepaired = trouble?.state === 'reauth_required' || trouble?.state === 'setup_error'
    log.info(about, ENTRY_MESSAGES[isRepaired ? 'repaired' : 'loaded'])
  }
  if (state === 'loaded' || state === 'disabled') return null
  if (!isFailed(state) || (trouble?.state === state && trouble.reason === reason)) return trouble
  const failed = work.failed?.failure.code === reason ? work.failed : null
  const ref = failed?.failure.ref ?? newRef()
  // An unexpected error has its own line.
  const error = failed?.failure.ref === undefined ? failed?.error : undefined
  const code = reason !== null && { code: reason }
  log.warn({ ...about, ...code, ref, ...(error !== undefined && { error }) }, ENTRY_MESSAGES[state])
  return { state, reason, ref }
}
