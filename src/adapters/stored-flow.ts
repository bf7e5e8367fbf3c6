import type { FlowRecord } from '../ports/store.ts'

/** Returns the members of a flow that a store writes: without the end of its lease. */
export function storedFlow(flow: FlowRecord): FlowRecord {
  if (flow.workingUntil === undefined) return flow
  const { workingUntil: _, ...stored } = flow
  return stored
}
