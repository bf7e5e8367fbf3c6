import type { FormErrors } from '../../../machines/form-errors.ts'
import { UnreadableRecordError, WrongStepError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
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
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import { type Compiled, methodOf, methodOptions } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { pickFields } from '../lib/json.ts'
import { isAhead, isBelievable } from '../lib/stored-time.ts'
import { chartOf, stepViewOf } from './flow-charts.ts'
import { optionsOf, pageOf } from './flow-pages.ts'
import { type CheckedFlow, hasSucceeded, type OpenFlow } from './flow-record.ts'
import { restore } from './pending-connections.ts'
import { signInView } from './sign-in-view.ts'

/** The options of the confirmation of a replacement. The harmless one is first, because it has the focus. */
export const CONFIRMATION: readonly MenuOption[] = ['cancel', 'replace'].map((value) => ({
  value,
  label: value,
}))

/** The form of a confirmation. */
const NO_FIELDS = makeForm('', {})

/** Returns the form of the current step. @throws WrongStepError if the step has no form */
export function formOf(compiled: Compiled, flow: OpenFlow): Form {
  const { view, shows } = stepViewOf(flow)
  if (view !== 'form') throw new WrongStepError(flow.step, 'submit')
  const { challenge, subentry } = flow.context
  if (shows === 'confirmation') return NO_FIELDS
  if (shows === 'page') return pageOf(compiled.pages, flow, 'form').form
  const form =
    shows === 'subentry'
      ? subentry && subentryForm(compiled, subentry)
      : shows === 'challenge'
        ? compiled.challenges.get(challenge ?? '')
        : compiled.steps.get(flow.step)
  if (form === undefined) {
    throw new UnreadableRecordError('flow', flow.flowId, 'Its integration no longer has this step.')
  }
  return form
}

/** Returns the form to add or edit a sub-entry. */
function subentryForm(
  { subentries }: Compiled,
  { type, revision }: NonNullable<OpenFlow['context']['subentry']>,
): Form | undefined {
  const kind = subentries.get(type)
  return revision === null ? kind?.fullForm : kind?.editForm
}

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

/** Returns the members of all views. `title` is the title of the entry, if any. */
function commonOf(core: Core, flow: CheckedFlow, title?: string) {
  const { flowId, domain, source, entryId, revision } = flow
  const name = title ?? core.integrations.get(domain)?.integration.title ?? domain
  const machine = chartOf(flow).name
  const { subentry } = flow.context
  const { message, why } = (flow.open ? flow.context.entry : null) ?? {}
  return {
    flowId,
    machine,
    domain,
    source,
    entryId,
    revision,
    placeholders: { name },
    ...(message !== undefined && { message }),
    ...(why !== undefined && { why }),
    ...(subentry !== undefined && {
      subentry: { type: subentry.type, subentryId: subentry.subentryId, isNew: subentry.revision === null },
    }),
  }
}

function waitingView(core: Core, flow: OpenFlow): Wordless<FormView | MenuView | ExternalView | DeviceView> {
  const integration = integrationOf(core, flow.domain)
  const compiled = methodOf(integration, flow.context.method)
  const common = stepMembers(core, flow)
  const { view, shows } = stepViewOf(flow)
  if (view === 'form') return formView(compiled, flow, common)
  if (view !== 'menu') return signInView(view, flow, common)
  if (shows === 'methods') return { ...common, type: 'menu', options: methodOptions(integration) }
  return shows === 'confirmation' ? confirmView(flow, common) : menuView(compiled, flow, common)
}

/** Returns the members of the views of all waiting steps. */
function stepMembers(core: Core, flow: OpenFlow) {
  const { entry, found } = flow.context
  const snapshot = restore(core, flow)
  return {
    ...commonOf(core, flow, entry?.title ?? found?.title ?? undefined),
    step: flow.step,
    errors: viewErrors(flow, core.clock.now()),
    mayGoBack: snapshot.can({ type: 'back' }),
    ...(snapshot.can({ type: 'ignore' }) && { mayIgnore: true as const }),
    expiresAt: flow.expiresAt,
  }
}

function menuView(
  compiled: Compiled,
  flow: OpenFlow,
  common: ReturnType<typeof stepMembers>,
): Wordless<MenuView> {
  const page = pageOf(compiled.pages, flow, 'menu', 'found_menu')
  return { ...common, type: 'menu', page: page.name, options: optionsOf(page, flow) }
}

/** Returns the menu that confirms a replacement. */
function confirmView(flow: OpenFlow, common: ReturnType<typeof stepMembers>): Wordless<MenuView> {
  const placeholders = { ...common.placeholders, account: String(flow.context.account) }
  return { ...common, type: 'menu', placeholders, options: CONFIRMATION }
}

function formView(
  compiled: Compiled,
  flow: OpenFlow,
  common: ReturnType<typeof stepMembers>,
): Wordless<FormView> {
  const { values, challenge, account, page = 0 } = flow.context
  const form = formOf(compiled, flow)
  const { shows } = stepViewOf(flow)
  const name = shows === 'page' ? pageOf(compiled.pages, flow, 'form').name : null
  const isLast = shows === 'page' ? page === compiled.pages.length - 1 : flow.step !== 'replace'
  const isChallenge = shows === 'challenge'
  const known = isChallenge ? [] : (flow.context.entry?.secrets ?? [])
  const stored = form.order.filter((field) => form.secrets.has(field) && known.includes(field))
  const { placeholders } = common
  return {
    ...common,
    type: 'form',
    ...(account !== undefined && { placeholders: { ...placeholders, account } }),
    ...(name !== null && { page: name }),
    ...(challenge !== null && isChallenge && { challenge }),
    schema: form.schema,
    order: form.order,
    // A flow can be older than the fields: removed fields, and those that are secrets now, are not shown.
    values: isChallenge ? {} : pickFields(values, shownFields(form)),
    ...(stored.length > 0 && { stored }),
    lastStep:
      isChallenge ||
      shows === 'confirmation' ||
      !chartOf(flow).connects ||
      (isLast && compiled.challenges.size === 0),
  }
}

const shownFields = ({ order, secrets }: Form): readonly string[] =>
  order.filter((field) => !secrets.has(field))

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
  const success = hasSucceeded(flow)
  const state = success && entryId !== null ? entryState(entryId) : undefined
  return {
    type: 'abort',
    ...common,
    reason,
    success,
    ...(state !== undefined && { entryState: state }),
  }
}

/** Returns the errors of a step, with the remaining seconds of a delay. */
function viewErrors({ updatedAt, context }: OpenFlow, now: number): Wordless<FormView>['errors'] {
  const shown: Record<string, { code: string; retryAfter?: number }> = {}
  // The attempts that a clock counted while it was ahead delay nothing.
  const delays = isBelievable(updatedAt, now, 0)
  for (const [pointer, { code, until }] of Object.entries(context.errors as FormErrors)) {
    const seconds = delays && isAhead(until, now, MAX_RETRY_AFTER) ? Math.ceil((until - now) / 1000) : 0
    const retryAfter = until === undefined ? {} : { retryAfter: seconds }
    shown[pointer] = { code, ...retryAfter }
  }
  return shown
}
