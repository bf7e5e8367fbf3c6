import type { SnapshotFrom } from 'xstate'
import type { FlowRecord } from '../ports/store.ts'
import type { Core } from './core.ts'
import type { Step } from './driver.ts'
import { chartOf, type FlowMachine } from './flow-charts.ts'
import { eventName, stateName } from './state-name.ts'

/** Tells of a step of a flow, where somebody listens. */
export function publishFlowStep(
  core: Core,
  flow: FlowRecord,
  { snapshot, event }: Step<FlowMachine>,
  before: SnapshotFrom<FlowMachine> | null,
): void {
  if (!core.events.wants('transition')) return
  const { scope, flowId } = flow
  const { reason, errors } = snapshot.context
  core.events.emit('transition', {
    scope,
    machine: chartOf(flow).name,
    id: flowId,
    from: before === null ? null : stateName(before.value),
    to: stateName(snapshot.value),
    event: eventName(event),
    codes: reason === null ? Object.values(errors).map(({ code }) => code) : [reason],
  })
}
