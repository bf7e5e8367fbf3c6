import type { AnyStateNode, SnapshotFrom } from 'xstate'
import { configFlowMachine } from '../../../machines/config-flow.ts'
import type { ConfigFlowSource, StepView } from '../../../machines/config-flow-types.ts'
import { optionsFlowMachine } from '../../../machines/options-flow.ts'
import { subentryFlowMachine } from '../../../machines/subentry-flow.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { FlowMachineName } from '../../view.ts'
import { liveConnectionOf } from '../connections/live-connection.ts'
import type { Core } from '../kernel/core.ts'
import { Driver, type Step } from '../statecharts/driver.ts'

/** A machine of flows. All share the same context, events and actors. */
export type FlowMachine = typeof configFlowMachine | typeof optionsFlowMachine | typeof subentryFlowMachine

/** The input for the check of a chart. */
const PROBE = {
  flowId: '',
  source: 'reauth',
  entryId: '',
  subentry: { type: '', subentryId: null },
} as const

/** A statechart of flows, with its derived facts. */
export class FlowChart {
  /** The name of the machine and the version of its record, as in `FlowRecord.machine`. */
  readonly record: string
  readonly name: FlowMachineName
  readonly sources: ReadonlySet<string>
  /** The steps in which it waits for the user, with their views. */
  readonly steps: ReadonlyMap<string, StepView>
  /**
   * Whether its flows change what an entry connects with. Such flows hold the edit slot of their entry, and count
   * failed attempts.
   */
  readonly connects: boolean
  readonly #machine: FlowMachine
  #driver: Driver<FlowMachine> | null = null

  constructor(
    record: string,
    machine: FlowMachine,
    { sources, connects }: { sources: readonly ConfigFlowSource[]; connects: boolean },
  ) {
    this.record = record
    this.name = machine.id as FlowMachineName
    this.sources = new Set(sources)
    const { states } = machine.states.asking as AnyStateNode
    const waiting = Object.values(states).filter(({ type }) => type === 'atomic')
    this.steps = new Map(waiting.map(({ key, meta }) => [key, meta as StepView]))
    this.connects = connects
    this.#machine = machine
  }

  /**
   * The driver of all flows of this chart. Created once, because that costs a thousand times as much as a transition.
   */
  get driver(): Driver<FlowMachine> {
    if (this.#driver !== null) return this.#driver
    const machine: FlowMachine = this.#machine.provide({
      actions: {
        closeConnection: (_, { connection }) => {
          if (connection !== null) void liveConnectionOf(connection).close()
        },
        revokeGrant: (_, { draft, uniqueId }) => draft?.reveal().revokeGrant?.(uniqueId),
      },
    })
    const driver = new Driver<FlowMachine>(machine, PROBE)
    driver.assertDrivable(PROBE, null)
    this.#driver = driver
    return driver
  }
}

/** The chart of setup, reauthentication, reconfiguration, replacement, discovery and import. */
const configFlow = new FlowChart('config-flow@1', configFlowMachine, {
  sources: ['user', 'reauth', 'reconfigure', 'replace', 'discovery', 'import'],
  connects: true,
})

/** The chart of option changes. */
const optionsFlow = new FlowChart('options-flow@1', optionsFlowMachine, {
  sources: ['options'],
  connects: false,
})

/** The chart of sub-entries. */
const subentryFlow = new FlowChart('subentry-flow@1', subentryFlowMachine, {
  sources: ['subentry'],
  connects: false,
})

const charts = [configFlow, optionsFlow, subentryFlow]

/** All charts by the name in their records. */
export const flowCharts: ReadonlyMap<string, FlowChart> = new Map(
  charts.map((chart) => [chart.record, chart]),
)

/** All charts by source. */
export const chartsBySource: ReadonlyMap<string, FlowChart> = new Map(
  charts.flatMap((chart) => [...chart.sources].map((source) => [source, chart])),
)

/** Returns the view of the step in which a flow waits. */
export const stepViewOf = (flow: { readonly machine: string; readonly step: string }): StepView =>
  chartOf(flow).steps.get(flow.step) as StepView

/** Returns the chart of a flow. */
export const chartOf = ({ machine }: { readonly machine: string }): FlowChart =>
  flowCharts.get(machine) as FlowChart

/** Emits a step of a flow if there is a listener. */
export function publishFlowStep(
  core: Core,
  flow: FlowRecord,
  { snapshot, event, failures }: Step<FlowMachine>,
  before: SnapshotFrom<FlowMachine> | null,
): void {
  const { scope, flowId } = flow
  const codes = () => Object.values(snapshot.context.errors).map(({ code }) => code)
  const of = { scope, machine: chartOf(flow).name, id: flowId }
  core.events.step(of, { snapshot, event, failures, before, codes })
}
