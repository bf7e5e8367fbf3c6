import type { CheckFailed, FlowAborted } from '../../../machines/check-result.ts'
import { type Form, pointerTo } from '../../form.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { Explained } from '../connections/explained.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import { checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import { formOf } from '../flow-state/flow-view.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** Returns the form that a flow shows; null if it shows none, or has not shown one yet. */
export function formIn(compiled: Compiled, flow: FlowRecord): Form | null {
  if (flow.revision === 0 || stepViewOf(flow).view !== 'form') return null
  return formOf(compiled, checkFlow(flow) as OpenFlow)
}

/** Returns a failure that the integration explains, for the form that the flow shows. */
export function shownTo(
  form: Form | null,
  { type, field = '', code, params, advice, docs }: Explained,
  ref: string | undefined,
): CheckFailed | FlowAborted {
  if (type === 'aborts') return { type: 'aborted', reason: code, ...(params !== undefined && { params }) }
  const isShown = form?.order.includes(field) === true
  return {
    type: 'failed',
    error: code,
    ...(isShown && { at: pointerTo([field]) }),
    ...(isShown && form.secrets.has(field) && { keepSecrets: false }),
    ...(params !== undefined && { params }),
    ...(advice !== undefined && { advice }),
    ...(docs !== undefined && { docs }),
    ...(ref !== undefined && { ref }),
  }
}
