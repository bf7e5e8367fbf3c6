import type { SnapshotFrom } from 'xstate'
import { NO_FACTS } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { chartOf, type FlowMachine } from './flow-charts.ts'
import { contextOf, type OpenFlow } from './flow-record.ts'
import type { PendingConnection } from './pending-connections.ts'

/** Restores the snapshot of a waiting flow from its record. `pending`: the verified connection that it waits with. */
export function restore(
  { integrations }: Core,
  flow: OpenFlow,
  pending: PendingConnection | null = null,
): SnapshotFrom<FlowMachine> {
  // A flow whose integration was removed can still be cancelled, and expires.
  const facts = integrations.get(flow.domain)?.facts ?? NO_FACTS
  return chartOf(flow).driver.resume({ asking: flow.step }, { ...contextOf(flow, facts), ...pending })
}
