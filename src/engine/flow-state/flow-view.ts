import type { FoundChoice, PublicValues } from '../../../machines/flow-result.ts'
import type { FormErrors } from '../../../machines/form-errors.ts'
import { UnreadableRecordError, WrongStepError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type {
  AbortView,
  CreateEntryView,
  DeviceView,
  ExternalView,
  FormSchema,
  FormView,
  MenuOption,
  MenuView,
  View,
  Wordless,
} from '../../view.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import { type Compiled, methodOf, methodOptions } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { formWithChoices } from '../language/listed-forms.ts'
import { pickFields } from '../lib/json.ts'
import { isAhead, isBelievable } from '../lib/stored-time.ts'
import { addressOf } from '../records/address-of.ts'
import { chartOf, stepViewOf } from './flow-charts.ts'
import { choicesOf, formPageOf, pagesOf, showsPage } from './flow-pages.ts'
import { type CheckedFlow, hasSucceeded, type OpenFlow } from './flow-record.ts'
import { restore } from './pending-connections.ts'
import { signInView } from './sign-in-view.ts'

/** The options of the confirmation of a replacement. The harmless one is first, because it has the focus. */
export const CONFIRMATION: readonly MenuOption[] = ['cancel', 'replace'].map((value) => ({
  value,
  label: value,
}))

/** Whether a form keeps its secrets after an error: not if the service has refused them. Other codes do not tell. */
const keepsSecrets: ReadonlyMap<string, boolean> = new Map([
  ...['cannot_connect', 'timeout', 'rate_limited', 'unknown', 'no_options', 'setup_error', 'enter_again'].map(
    (code) => [code, true] as const,
  ),
  ...['invalid_auth', 'wrong_account', 'code_expired'].map((code) => [code, false] as const),
])

/** The form of a confirmation. */
const NO_FIELDS = makeForm('', {})

/** Returns the form of the current step. @throws WrongStepError if the step has no form */
export function formOf(compiled: Compiled, flow: OpenFlow): Form {
  const { view, shows } = stepViewOf(flow)
  if (view !== 'form') throw new WrongStepError(flow.step, 'submit')
  if (shows === 'confirmation') return NO_FIELDS
  if (shows !== 'challenge') return formPageOf(compiled, flow).form
  const form = compiled.challenges.get(flow.context.challenge ?? '')
  if (form === undefined) {
    throw new UnreadableRecordError('flow', flow.flowId, 'Its integration no longer has this step.')
  }
  return form
}

/** The state of an entry in this process. */
type EntryState = (entryId: string) => string | undefined

/** The state in this process of the entry and the account of a result. */
export interface AfterEnd {
  readonly stateOf: EntryState
  /** Whether the account that ended the flow can replace that of the entry. */
  readonly isKept: boolean
}

/** Returns the current view of a flow. The state of the entry is read if the flow has repaired it. */
export function viewOf(core: Core, flow: CheckedFlow, after: AfterEnd): View {
  return core.languages.localizer.view(flow.open ? waitingView(core, flow) : endView(core, flow, after))
}

/** Returns the view of a flow during its work. */
export function progressView(core: Core, flow: OpenFlow, step: string, values: PublicValues): View {
  return core.languages.localizer.view({
    type: 'progress',
    ...commonOf(core, flow, flow.context.entry?.title),
    ...addressIn(core, flow, values),
    step,
  })
}

/** Returns the members of all views. `title` is the title of the entry, if any. */
function commonOf(core: Core, flow: CheckedFlow, title?: string) {
  const { flowId, domain, source, entryId, revision } = flow
  const name = title ?? core.integrations.get(domain)?.integration.title ?? domain
  const machine = chartOf(flow).name
  const { subentry } = flow.context
  const about = flow.open ? flow.context.entry : null
  const { message, why } = about ?? {}
  // The title of a sub-entry's flow is that of the sub-entry.
  const account = about?.account ?? (subentry === undefined ? about?.title : undefined)
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
    ...(flow.open && addressIn(core, flow, flow.context.values)),
    ...(account !== undefined && { account }),
    ...(subentry !== undefined && {
      subentry: { type: subentry.type, subentryId: subentry.subentryId, isNew: subentry.revision === null },
    }),
  }
}

/** Returns the address of a flow: of the submitted, announced or stored values, else the one that its entry had. */
function addressIn(core: Core, flow: OpenFlow, values: PublicValues): { readonly address?: string } {
  const { domain, context } = flow
  const integration = core.integrations.get(domain)
  const compiled = integration && methodOf(integration, context.method)
  // The values of a sub-entry or of options are not those of the entry.
  const isOfEntry = chartOf(flow).connects
  const shown = isOfEntry ? addressOf(compiled, values as JsonObject) : undefined
  const address = shown ?? context.entry?.address
  return address === undefined ? {} : { address }
}

function waitingView(core: Core, flow: OpenFlow): Wordless<FormView | MenuView | ExternalView | DeviceView> {
  const integration = integrationOf(core, flow.domain)
  const compiled = methodOf(integration, flow.context.method)
  const common = stepMembers(core, flow)
  const { view, shows } = stepViewOf(flow)
  if (view === 'form') return formView(compiled, flow, common)
  if (view !== 'menu') return signInView(view, flow, common, compiled)
  if (shows === 'methods') return { ...common, type: 'menu', options: methodOptions(integration) }
  return confirmView(flow, common)
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
    ...(snapshot.can({ type: 'retry' }) && { mayRetry: true as const }),
    expiresAt: flow.expiresAt,
  }
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
  const pages = pagesOf(compiled, flow)
  const name = showsPage(flow) ? formPageOf(compiled, flow).name : null
  const isLast = page === pages.length - 1 && flow.step !== 'replace'
  const isChallenge = shows === 'challenge'
  const known = isChallenge ? [] : (flow.context.entry?.secrets ?? [])
  const stored = form.order.filter((field) => form.secrets.has(field) && known.includes(field))
  const isMoved = flow.step === 'reconfigure' && flow.context.entry?.isMoved === true
  const placeholders = {
    ...common.placeholders,
    ...(account !== undefined && { account }),
    ...(isMoved && { moved: common.address ?? common.placeholders.name }),
  }
  return {
    ...common,
    type: 'form',
    placeholders,
    ...(name !== null && { page: name }),
    ...(pages.length > 1 && showsPage(flow) && { position: { page: page + 1, pages: pages.length } }),
    ...(challenge !== null && isChallenge && { challenge }),
    schema: schemaWith(form, showsPage(flow) ? choicesOf(form, flow) : new Map()),
    order: form.order,
    // A flow can be older than the fields: removed fields, and those that are secrets now, are not shown.
    values: isChallenge ? {} : pickFields(values, shownFields(form)),
    ...(stored.length > 0 && { stored }),
    lastStep:
      isChallenge ||
      shows === 'confirmation' ||
      (isLast && (!chartOf(flow).connects || compiled.challenges.size === 0)),
  }
}

/** Returns the schema of a form with the choices that differ from its fixed lists. */
function schemaWith(
  { schema, choices }: Form,
  offered: ReadonlyMap<string, readonly FoundChoice[]>,
): FormSchema {
  const own = [...offered].filter(([field, list]) => choices.get(field) !== list)
  return own.length === 0 ? schema : formWithChoices(schema, new Map(own))
}

const shownFields = ({ order, secrets }: Form): readonly string[] =>
  order.filter((field) => !secrets.has(field))

/** Returns the result of an ended flow. */
function endView(
  core: Core,
  flow: Extract<CheckedFlow, { open: false }>,
  { stateOf, isKept }: AfterEnd,
): Wordless<AbortView | CreateEntryView> {
  const { entryId, context } = flow
  // A title may contain a personal name. Only `accounts` and `existing` have some, of the results that need them.
  const { nextFlow, accounts, existing, params = {} } = context
  const plain = commonOf(core, flow)
  const placeholders = {
    ...plain.placeholders,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    ...(accounts !== undefined && { found: accounts.found.account, expected: accounts.expected.account }),
    ...(existing !== undefined && { existing: existing.title }),
  }
  const common = { ...plain, placeholders, ...(nextFlow !== undefined && { nextFlow }) }
  if (flow.step === 'create_entry') {
    return { type: 'create_entry', ...common, entryId: entryId ?? '', success: true }
  }
  const reason = context.reason ?? 'unknown'
  const success = hasSucceeded(flow)
  const state = success && entryId !== null ? stateOf(entryId) : undefined
  return {
    type: 'abort',
    ...common,
    reason,
    success,
    ...(accounts !== undefined && { accounts }),
    ...(existing !== undefined && { existing }),
    // An account with an entry cannot have a second one.
    ...(isKept && accounts?.found.entryId === undefined && { replaceable: true as const }),
    ...(state !== undefined && { entryState: state }),
  }
}

/** Returns the errors of a step, with the remaining seconds of a delay. */
function viewErrors({ updatedAt, context }: OpenFlow, now: number): Wordless<FormView>['errors'] {
  const shown: Record<string, Wordless<FormView>['errors'][string]> = {}
  const expected = context.entry?.account ?? context.entry?.title
  // The attempts that a clock counted while it was ahead delay nothing.
  const delays = isBelievable(updatedAt, now, 0)
  for (const [pointer, error] of Object.entries(context.errors as FormErrors)) {
    const { code, until, params, ref, advice, docs } = error
    const seconds = delays && isAhead(until, now, MAX_RETRY_AFTER) ? Math.ceil((until - now) / 1000) : 0
    const retryAfter = until === undefined ? {} : { retryAfter: seconds }
    const isMismatch = code === 'wrong_account' && params !== undefined && expected !== undefined
    const keeps = error.keepSecrets ?? (pointer === 'base' ? keepsSecrets.get(code) : undefined)
    shown[pointer] = {
      code,
      ...retryAfter,
      ...(params !== undefined && { params: isMismatch ? { ...params, expected } : params }),
      ...(keeps !== undefined && { keepSecrets: keeps }),
      ...(ref !== undefined && { ref }),
      ...(advice !== undefined && { advice }),
      ...(docs !== undefined && { docs }),
    }
  }
  return shown
}
