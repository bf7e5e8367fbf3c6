import type { EntryRecord } from '../../ports/store.ts'
import type { LiveConnection } from '../connections/live-connection.ts'

/** What flows ask of the entries that run in this process. */
export interface EntryHost {
  /** Makes a proven connection the running one of its entry. */
  adopt(entry: EntryRecord, live: LiveConnection): Promise<void>
  /** Sets the entry up anew from what is stored. */
  reloadStored(entry: EntryRecord): Promise<void>
  /** Tries an entry at once that waits for its next try. */
  retryNow(scope: string, entryId: string): void
  /** How the entry stands in this process. */
  stateOf(scope: string, entryId: string): string | undefined
  /** Runs work on the connection of an entry, as hosts do. @throws as `entries.use` */
  use<Result>(
    entry: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>,
    work: (client: unknown) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>
  /** Why it does not run in this process. */
  reasonOf(scope: string, entryId: string): string | null
}

/** Sets an entry up anew that runs in this process, or tries to; one that nobody runs stays as it is. */
export async function reloadRunning(host: EntryHost, entry: EntryRecord): Promise<void> {
  const state = host.stateOf(entry.scope, entry.entryId)
  if (state !== undefined && state !== 'not_loaded') await host.reloadStored(entry)
}
