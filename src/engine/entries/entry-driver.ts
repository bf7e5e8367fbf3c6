import type { SnapshotFrom } from 'xstate'
import { configEntryMachine } from '../../../machines/config-entry.ts'
import type { ConfigEntryEvent } from '../../../machines/config-entry-setup.ts'
import type { EntryState } from '../api/entries.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import { Driver } from '../statecharts/driver.ts'

/** The events that a stopping engine still sends. */
export const ends: ReadonlySet<string> = new Set([
  'unload',
  'forceUnload',
  'connectForCalls',
] satisfies ConfigEntryEvent['type'][])

export const needsPerson = (state: EntryState): boolean =>
  state === 'reauth_required' || state === 'setup_error' || state === 'migration_error'

/** Returns the state of an entry for callers. One that is parked retries at its next use. */
export const topOf = ({ value }: SnapshotFrom<typeof configEntryMachine>): EntryState => {
  const top = typeof value === 'string' ? value : Object.keys(value)[0]
  return top === 'parked' ? 'setup_retry' : (top as EntryState)
}

type EntryDriver = Driver<typeof configEntryMachine>

let driver: EntryDriver | null = null

const NO_ENTRY = { entryId: '', refusalLimit: 1, refusalWindow: 0, disposeTimeout: 0 }

/** The one driver of all config entries. */
export function entryDriver(): EntryDriver {
  if (driver !== null) return driver
  const machine: typeof configEntryMachine = configEntryMachine.provide({
    actions: {
      retireConnection: (_, { connection }) => {
        // The machine calls this only with an open connection.
        liveConnectionOf(connection).retireInBackground()
      },
      endCalls: (_, { connection }) => {
        liveConnectionOf(connection).endCalls()
      },
    },
  })
  const created = new Driver(machine, NO_ENTRY)
  created.assertDrivable(NO_ENTRY, { type: 'setup' })
  driver = created
  return driver
}
