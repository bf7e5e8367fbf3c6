import { type CheckedFlow, checkFlow } from '../flow-state/flow-record.ts'
import type { Core } from '../kernel/core.ts'
import { isTaken } from '../lib/conflicts.ts'
import type { FlowOpening, Opening } from './open-flow.ts'

/** What opens a flow beside those that edit its entry. */
export type ParallelFlow = Omit<Opening, 'need' | 'superseded'>

/**
 * Opens a flow that goes on beside one that edits its entry; the open one where it holds something and there is one.
 * `ask` says what is to be opened, as the entry stands then.
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
