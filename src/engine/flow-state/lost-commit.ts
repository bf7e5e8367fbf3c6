import { StoreError } from '../../errors.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { afterLostAnswer, announceLost } from '../kernel/lost-answers.ts'
import { type CheckedFlow, checkFlow } from './flow-record.ts'

/**
 * Returns the stored end of a new flow after the answer to its commit was lost.
 *
 * @throws StoreError with the outcome `unknown` if it is not stored, or cannot be read
 */
export async function readLost(
  core: Core,
  { scope, flowId }: Pick<FlowRecord, 'scope' | 'flowId'>,
): Promise<CheckedFlow> {
  try {
    const flow = await core.store.getFlow(scope, flowId)
    if (flow === undefined) throw new StoreError('The flow is not stored.')
    announceLost(core, flow)
    return checkFlow(flow)
  } catch (error) {
    throw afterLostAnswer(error)
  }
}
