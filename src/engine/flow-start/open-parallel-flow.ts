import { type CheckedFlow, checkFlow } from '../flow-state/flow-record.ts'
import type { Core } from '../kernel/core.ts'
import { isTaken } from '../lib/conflicts.ts'
import type { FlowOpening, Opening } from './open-flow.ts'

/** Opens a flow in parallel with the edit flow of its entry. */
export type ParallelFlow = Omit<Opening, 'need' | 'superseded'>

/**
 * Opens a flow in parallel with the edit flow of its entry. Returns the open flow if it holds the same slot.
 * `ask` returns the flow to open, from the current entry.
 *
 * @throws TooManyFlowsError, and what `ask` throws
 */
export async function openParallelFlow(
  core: Core,
  opening: FlowOpening,
  ask: () => Promise<ParallelFlow>,
): Promise<CheckedFlow> {
  for (;;) {
    const asked = await ask()
    const { scope, domain, slot } = asked
    const open = slot === undefined ? undefined : await core.store.getFlowHolding(scope, domain, slot)
    if (open !== undefined) return checkFlow(open)
    await opening.expectRoom(scope)
    try {
      return await opening.open({ ...asked, need: null, superseded: null })
    } catch (error) {
      if (!isTaken(error, 'held')) throw error
    }
  }
}
