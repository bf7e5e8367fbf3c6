import type { FormErrors } from '../../machines/config-flow-setup.ts'
import { UnreadableRecordError } from '../errors.ts'
import type { Form } from '../form.ts'
import { textOf } from '../texts/text-of.ts'
import type { AbortView, CreateEntryView, FormView, View, ViewError } from '../view.ts'
import type { Compiled } from './compile.ts'
import { type Core, integrationOf } from './core.ts'
import { chartOf } from './flow-charts.ts'
import type { CheckedFlow, OpenFlow } from './flow-record.ts'

/** The form that a flow waits with. */
export function formOf(compiled: Compiled, flow: OpenFlow): Form {
  const { challenge } = flow.context
  const form =
    flow.step === 'challenge' ? compiled.challenges.get(challenge ?? '') : compiled.steps.get(flow.step)
  if (form === undefined) {
    throw new UnreadableRecordError('flow', flow.flowId, 'Its integration no longer has this step.')
  }
  return form
}

/** Whether an end is the one that the flow was for. */
export const succeeded = (type: 'create_entry' | 'abort', reason: string | null): boolean =>
  type === 'create_entry' || reason?.endsWith('_successful') === true

/** How an entry stands in this process. */
type EntryState = (entryId: string) => string | undefined

/** What a flow shows now. `entryState` is asked where the flow has mended its entry. */
export function viewOf(core: Core, flow: CheckedFlow, entryState: EntryState): View {
  return flow.open ? formView(core, flow) : endView(flow, entryState)
}

function formView(core: Core, flow: OpenFlow): FormView {
  const compiled = integrationOf(core, flow.domain)
  const { entry, errors, values, challenge } = flow.context
  const form = formOf(compiled, flow)
  return {
    type: 'form',
    flowId: flow.flowId,
    machine: chartOf(flow).name,
    domain: flow.domain,
    source: flow.source,
    entryId: flow.entryId,
    revision: flow.revision,
    step: flow.step,
    ...(challenge !== null && flow.step === 'challenge' && { challenge }),
    schema: form.schema,
    order: form.order,
    values: flow.step === 'challenge' ? {} : values,
    errors: viewErrors(errors as FormErrors, core.clock.now()),
    placeholders: { name: entry?.title ?? compiled.integration.title },
    lastStep: flow.step === 'challenge' || !chartOf(flow).connects || compiled.challenges.size === 0,
    mayGoBack: flow.step === 'challenge',
    expiresAt: flow.expiresAt,
  }
}

function viewErrors(errors: FormErrors, now: number): Record<string, ViewError> {
  const shown: Record<string, ViewError> = {}
  for (const [pointer, { code, until }] of Object.entries(errors)) {
    const retryAfter = until === undefined ? {} : { retryAfter: Math.max(0, Math.ceil((until - now) / 1000)) }
    shown[pointer] = { code, text: textOf(code), ...retryAfter }
  }
  return shown
}

/** What a flow that has ended shows. */
function endView(
  flow: Extract<CheckedFlow, { open: false }>,
  entryState: EntryState,
): AbortView | CreateEntryView {
  const { flowId, domain, source, entryId, revision } = flow
  const common = { flowId, machine: chartOf(flow).name, domain, source, revision }
  if (flow.step === 'create_entry') {
    return { type: 'create_entry', ...common, entryId: entryId ?? '', success: true }
  }
  const reason = flow.context.reason ?? 'unknown'
  const success = succeeded('abort', reason)
  const state = success && entryId !== null ? entryState(entryId) : undefined
  return {
    type: 'abort',
    ...common,
    entryId,
    reason,
    text: textOf(reason),
    success,
    ...(state !== undefined && { entryState: state }),
  }
}
