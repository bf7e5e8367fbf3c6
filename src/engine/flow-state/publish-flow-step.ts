import type { SnapshotFrom } from 'xstate'
import type { FlowRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { Step } from '../statecharts/driver.ts'
import { chartOf, type FlowMachine } from './flow-charts.ts'

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
