import type { FlowRecord, Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'

/**
 * The condition of a write of a flow. A lease: this process works on the flow, and the write ends that. `unclaimed`: no
 * process works on it. Null: the write also ends the work of another process.
 */
export type FlowGuard = HeldLease | 'unclaimed' | null

/** Returns the writes of a guard. */
export function guardWrites({ clock }: Core, guard: FlowGuard, flowId: string): readonly Write[] {
  if (guard === null) return []
  return [guard === 'unclaimed' ? { check: 'unclaimed', flowId, now: clock.now() } : guard.end]
}

/** Call it after the transaction of a guard. */
export function guardWritten(guard: FlowGuard): void {
  if (guard !== null && guard !== 'unclaimed') guard.forget()
}

/** Whether a process works on a flow. A lease that ends further ahead than possible is void. */
export function isWorking(
  { clock, limits }: Core,
  { workingUntil }: Pick<FlowRecord, 'workingUntil'>,
): boolean {
  if (workingUntil === undefined) return false
  const now = clock.now()
  const isBelievable =
    workingUntil === Number.POSITIVE_INFINITY || workingUntil <= now + 2 * limits.refreshLease
  return workingUntil > now && isBelievable
}
