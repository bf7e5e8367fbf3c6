import type { SnapshotFrom } from 'xstate'
import type { configFlowMachine } from '../../machines/config-flow.ts'
import type { FlowRecord } from '../ports/store.ts'
import type { Core } from './core.ts'
import type { Step } from './driver.ts'
import { eventName, stateName } from './state-name.ts'

type FlowMachine = typeof configFlowMachine

/** Tells of a step of a flow, where somebody listens. */
export function publishFlowStep(
  core: Core,
  { scope, flowId }: FlowRecord,
  { snapshot, event }: Step<FlowMachine>,
  before: SnapshotFrom<FlowMachine> | null,
): void {
  if (!core.events.wants('transition')) return
  const { reason, errors } = snapshot.context
  core.events.emit('transition', {
    scope,
    machine: 'configFlow',
    id: flowId,
    from: before === null ? null : stateName(before.value),
    to: stateName(snapshot.value),
    event: eventName(event),
    codes: reason === null ? Object.values(errors).map(({ code }) => code) : [reason],
  })
}
