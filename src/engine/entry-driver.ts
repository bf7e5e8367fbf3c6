import { configEntryMachine } from '../../machines/config-entry.ts'
import { Driver } from './driver.ts'
import { liveOf } from './live-of.ts'

export type EntryDriver = Driver<typeof configEntryMachine>

let driver: EntryDriver | null = null

/** The one driver of all config entries. */
export function entryDriver(): EntryDriver {
  if (driver !== null) return driver
  const machine: typeof configEntryMachine = configEntryMachine.provide({
    actions: {
      retireConnection: (_, { connection }) => {
        // Only what runs is let go.
        liveOf(connection).letGo()
      },
    },
  })
  const made = new Driver(machine, { entryId: '' })
  made.assertDrivable({ entryId: '' }, { type: 'setup' })
  driver = made
  return driver
}
