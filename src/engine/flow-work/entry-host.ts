import type { EntryRecord } from '../../ports/store.ts'
import type { SetupExplanation } from '../connections/explained.ts'
import type { LiveConnection } from '../connections/live-connection.ts'

/** The functions that flows need from the entries of this process. */
export interface EntryHost {
  /** Makes a verified connection the connection of its entry. */
  adopt(entry: EntryRecord, live: LiveConnection): Promise<void>
  /** Reloads an entry from its stored record. */
  reloadStored(entry: EntryRecord): Promise<void>
  /** Compares an entry with its record before its next use, because the record may have changed. */
  noticeChange(scope: string, entryId: string): void
  /** Retries immediately if the entry waits for its next attempt. */
  retryNow(scope: string, entryId: string): void
  /** Returns the state of the entry in this process; undefined if it was never loaded. */
  stateOf(scope: string, entryId: string): string | undefined
  /** Runs `work` with the client of an entry. @throws the errors of `entries.use` */
  use<Result>(
    entry: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>,
    work: (client: unknown) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>
  /** Returns the reason of the entry's state in this process. */
  reasonOf(scope: string, entryId: string): string | null | undefined
  /** Returns the integration's explanation of the last failed setup in this process. */
  explanationOf(scope: string, entryId: string): SetupExplanation | undefined
}

/** Reloads an entry if it is loaded, or loading, in this process. */
export async function reloadRunning(host: EntryHost, entry: EntryRecord): Promise<void> {
  const state = host.stateOf(entry.scope, entry.entryId)
  if (state !== undefined && state !== 'not_loaded') await host.reloadStored(entry)
}
