import type { EntryRecord } from '../ports/store.ts'
import type { EntryHost } from './entry-host.ts'

/** Sets an entry up anew that runs in this process, or tries to; one that nobody runs stays as it is. */
export async function reloadRunning(host: EntryHost, entry: EntryRecord): Promise<void> {
  const state = host.stateOf(entry.scope, entry.entryId)
  if (state !== undefined && state !== 'not_loaded') await host.reloadStored(entry)
}
