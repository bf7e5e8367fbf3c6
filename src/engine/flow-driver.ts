import { configFlowMachine } from '../../machines/config-flow.ts'
import { Driver } from './driver.ts'
import { liveOf } from './live-of.ts'

export type FlowDriver = Driver<typeof configFlowMachine>

let driver: FlowDriver | null = null

/** The one driver of all config flows: providing a machine costs a thousand times a transition. */
export function flowDriver(): FlowDriver {
  if (driver !== null) return driver
  const machine: typeof configFlowMachine = configFlowMachine.provide({
    actions: {
      disposeConnection: (_, { connection }) => {
        if (connection !== null) void liveOf(connection).close()
      },
    },
  })
  const probe = { flowId: '', source: 'reauth', entryId: '' } as const
  const made = new Driver(machine, probe)
  made.assertDrivable(probe, null)
  driver = made
  return driver
}
