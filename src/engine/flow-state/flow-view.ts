import type { FormErrors } from '../../../machines/form-errors.ts'
import { UnreadableRecordError, WrongStepError } from '../../errors.ts'
import type { Form } from '../../form.ts'
import type {
  AbortView,
  CreateEntryView,
  DeviceView,
  ExternalView,
  FormView,
  MenuOption,
  MenuView,
  View,
  Wordless,
} from '../../view.ts'
import { type Compiled, methodOf, methodOptions } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { pickFields } from '../lib/json.ts'
import { chartOf } from './flow-charts.ts'
import { optionsOf, pageOf } from './flow-page.ts'
import type { CheckedFlow, OpenFlow } from './flow-record.ts'
import { signInView } from './sign-in-view.ts'

const FORMLESS: ReadonlySet<string> = new Set([
  'pick_method',
  'menu',
  'replace_confirm',
  'authorize',
  'device',
])

/** The options of the confirmation of a replacement. The harmless one is first, because it has the focus. */
export const CONFIRMATION: readonly MenuOption[] = ['cancel', 'replace'].map((value) => ({
  value,
  label: value,
}))

/** The form that a flow waits with. @throws WrongStepError where it waits with none */
export function formOf(compiled: Compiled, flow: OpenFlow): Form {
  if (FORMLESS.has(flow.step)) throw new WrongStepError(flow.step, 'submit')
  if (isPage(flow)) return pageOf(compiled.pages, flow, 'form').form
  const { challenge } = flow.context
  const { subentry } = flow.context
  const form =
    subentry !== undefined
      ? subentryForm(compiled, subentry)
      : flow.step === 'challenge'
        ? compiled.challenges.get(challenge ?? '')
        : compiled.steps.get(flow.step)
  if (form === undefined) {
    throw new UnreadableRecordError('flow', flow.flowId, 'Its integration no longer has this step.')
  }
  return form
}

/** The form of a sub-entry. */
function subentryForm(
  { subentries }: Compiled,
  { type, revision }: NonNullable<OpenFlow['context']['subentry']>,
): Form | undefined {
  const kind = subentries.get(type)
  return revision === null ? kind?.fullForm : kind?.editForm
}

/** Whether an end is the one that the flow was for. */
export const succeeded = (type: 'create_entry' | 'abort', reason: string | null): boolean =>
  type === 'create_entry' || reason === 'ignored' || reason?.endsWith('_successful') === true

/** The state of an entry in this process. */
type EntryState = (entryId: string) => string | undefined

/** Returns the current view of a flow. `entryState` is read if the flow has repaired its entry. */
export function viewOf(core: Core, flow: CheckedFlow, entryState: EntryState): View {
  return core.languages.localizer.view(flow.open ? waitingView(core, flow) : endView(core, flow, entryState))
}

/** Returns the view of a flow during its work. */
export function progressView(core: Core, flow: OpenFlow, step: string): View {
  return core.languages.localizer.view({
    type: 'progress',
    ...commonOf(core, flow, flow.context.entry?.title),
    step,
  })
}

/** The members of every view. `title` is the title of the entry, if any. */
function commonOf(core: Core, flow: CheckedFlow, title?: string) {
  const { flowId, domain, source, entryId, revision } = flow
  const name = title ?? core.integrations.get(domain)?.integration.title ?? domain
  const machine = chartOf(flow).name
  const { subentry } = flow.context
  return {
    ...{ flowId, machine, domain, source, entryId, revision, placeholders: { name } },
    ...(subentry !== undefined && {
      subentry: { type: subentry.type, subentryId: subentry.subentryId, isNew: subentry.revision === null },
    }),
  }
}

function waitingView(core: Core, flow: OpenFlow): Wordless<FormView | MenuView | ExternalView | DeviceView> {
  const integration = integrationOf(core, flow.domain)
  const compiled = methodOf(integration, flow.context.method)
  const shown = waiting(core, flow)
  if (flow.step === 'pick_method') return { ...shown, type: 'menu', options: methodOptions(integration) }
  if (flow.step === 'replace_confirm') return confirmView(flow, shown)
  if (flow.step === 'menu') return menuView(compiled, flow, shown)
  if (flow.step === 'authorize' || flow.step === 'device') return signInView(flow, shown)
  return formView(compiled, flow, shown)
}

/** The members of the view of every waiting step. */
function waiting(core: Core, flow: OpenFlow) {
  const { entry, errors, page = 0, method, found } = flow.context
  return {
    ...commonOf(core, flow, entry?.title ?? found?.title ?? undefined),
    step: flow.step,
    errors: viewErrors(errors as FormErrors, core.clock.now()),
    // The machine accepts `back` in a challenge, on a later page, and on the first page of a selected method.
    mayGoBack: flow.step === 'challenge' || page > 0 || (flow.entryId === null && typeof method === 'string'),
    ...(flow.source === 'discovery' && { mayIgnore: true as const }),
    expiresAt: flow.expiresAt,
  }
}

function menuView(compiled: Compiled, flow: OpenFlow, shown: ReturnType<typeof waiting>): Wordless<MenuView> {
  const page = pageOf(compiled.pages, flow, 'menu', 'found_menu')
  return { ...shown, type: 'menu', page: page.name, options: optionsOf(page, flow) }
}

/** The confirmation of a replacement. */
function confirmView(flow: OpenFlow, shown: ReturnType<typeof waiting>): Wordless<MenuView> {
  const placeholders = { ...shown.placeholders, account: String(flow.context.account) }
  return { ...shown, type: 'menu', placeholders, options: CONFIRMATION }
}

function formView(compiled: Compiled, flow: OpenFlow, shown: ReturnType<typeof waiting>): Wordless<FormView> {
  const { values, challenge, page = 0 } = flow.context
  const form = formOf(compiled, flow)
  const name = isPage(flow) ? pageOf(compiled.pages, flow, 'form').name : null
  const isLast = isPage(flow) ? page === compiled.pages.length - 1 : flow.step !== 'replace'
  return {
    ...shown,
    type: 'form',
    ...(name !== null && { page: name }),
    ...(challenge !== null && flow.step === 'challenge' && { challenge }),
    schema: form.schema,
    order: form.order,
    // A flow can be older than the fields: removed fields are not shown.
    values: flow.step === 'challenge' ? {} : pickFields(values, form.order),
    lastStep:
      flow.step === 'challenge' || !chartOf(flow).connects || (isLast && compiled.challenges.size === 0),
  }
}

/** Whether a step shows a page of a new entry's setup. */
const isPage = ({ step }: OpenFlow): boolean => step === 'user' || step === 'discovery_confirm'

/** Returns the result of an ended flow. */
function endView(
  core: Core,
  flow: Extract<CheckedFlow, { open: false }>,
  entryState: EntryState,
): Wordless<AbortView | CreateEntryView> {
  const { entryId, context } = flow
  // A tombstone has no title: a title may contain a personal name.
  const { nextFlow } = context
  const common = { ...commonOf(core, flow), ...(nextFlow !== undefined && { nextFlow }) }
  if (flow.step === 'create_entry') {
    return { type: 'create_entry', ...common, entryId: entryId ?? '', success: true }
  }
  const reason = context.reason ?? 'unknown'
  const success = succeeded('abort', reason)
  const state = success && entryId !== null ? entryState(entryId) : undefined
  return {
    type: 'abort',
    ...common,
    reason,
    success,
    ...(state !== undefined && { entryState: state }),
  }
}

/** The current errors of a step. */
function viewErrors(errors: FormErrors, now: number): Wordless<FormView>['errors'] {
  const shown: Record<string, { code: string; retryAfter?: number }> = {}
  for (const [pointer, { code, until }] of Object.entries(errors)) {
    const retryAfter = until === undefined ? {} : { retryAfter: Math.max(0, Math.ceil((until - now) / 1000)) }
    shown[pointer] = { code, ...retryAfter }
  }
  return shown
}
