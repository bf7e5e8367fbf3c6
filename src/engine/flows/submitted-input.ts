import * as z from 'zod'
import { Draft } from '../../../machines/draft.ts'
import type { ChoiceValue, FoundChoice } from '../../../machines/flow-result.ts'
import type { FormErrors } from '../../../machines/form-errors.ts'
import { InvalidInputError, WrongStepError } from '../../errors.ts'
import { type Form, formErrors, readInput } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { MenuOption } from '../../view.ts'
import { ShownTexts } from '../connections/explained.ts'
import {
  choicesOf,
  followsSignIn,
  formPageOf,
  formPagesOf,
  pagesOf,
  showsPage,
} from '../flow-state/flow-pages.ts'
import type { OpenFlow } from '../flow-state/flow-record.ts'
import { formOf } from '../flow-state/flow-view.ts'
import { hasGrant } from '../flow-state/granted-draft.ts'
import { unlistedIn } from '../integrations/choices.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FormPage } from '../integrations/pages.ts'
import { secretTexts } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { grantDraft, revocationOf } from '../records/revoke-grant.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openDraft, openSecrets } from '../secrets/vault.ts'
import { type Asked, keptSecrets, mayUseStored, withoutRemoved } from './secrets-left-empty.ts'

/** A validated submit, or its errors. `values` has the plain fields. */
export type Submission =
  | { readonly type: 'valid'; readonly draft: Draft; readonly values: JsonObject }
  | { readonly type: 'invalid'; readonly errors: FormErrors; readonly values: JsonObject }

/**
 * Validates a submit. The values of the step's fields come from the input, and an optional secret that was left empty
 * keeps its stored value. All others come from the draft or the entry.
 *
 * @throws InvalidInputError if the input has not the form of the step
 */
export async function readSubmission(
  core: Core,
  compiled: Compiled,
  flow: OpenFlow,
  entry: EntryRecord | null,
  input: unknown,
): Promise<Submission> {
  const form = formOf(compiled, flow)
  const { values: all, clear } = readInput(form, input)
  const { challenge } = flow.context
  if (!showsPage(flow) && challenge !== null) {
    const values = withoutRemoved(askedBy([form]), all)
    const schema = compiled.integration.challenges?.[challenge] as z.ZodObject
    const errors = errorsOf(core, compiled, { form, schema }, { values, allValues: values })
    const shown = flow.context.values
    if (Object.keys(errors).length > 0) return { type: 'invalid', errors, values: shown }
    const { state, ...before } = await openDraft(core, flow)
    return {
      type: 'valid',
      draft: new Draft({
        ...before,
        challenge: { name: challenge, state, values },
        ...(hasGrant(compiled, flow) && {
          revokeGrant: revocationOf(core, { scope: flow.scope, compiled, values: before.values }),
        }),
      }),
      values: shown,
    }
  }
  if (followsSignIn(compiled, flow)) return readSelection(core, compiled, flow, { all, clear })
  // A sign-in follows all of them.
  const pages = formPagesOf(pagesOf(compiled, flow)).filter(({ isSelection }) => isSelection !== true)
  const page = flow.context.page ?? 0
  const asked = askedBy(pages.slice(0, page + 1).map((each) => each.form))
  const asking = { flow, entry, asked }
  const submitted = { ...without(await earlierInput(core, flow), form.order), ...all }
  const others = await otherValues(core, compiled, asking, submitted)
  const { kept, errors: again } = await keptSecrets(core, compiled, asking, submitted)
  const allValues = { ...others, ...kept, ...withoutRemoved(asked, submitted) }
  const schema = page === pages.length - 1 ? schemaOf(compiled, flow) : (pages[page] as FormPage).schema
  const errors = {
    ...shownOn(form, again),
    ...errorsOf(core, compiled, { form, schema }, { values: withoutRemoved(asked, all), allValues }),
    ...notOffered(choicesOf(form, flow), all),
  }
  const values = { ...without(flow.context.values, form.order), ...clear }
  if (Object.keys(errors).length > 0) return { type: 'invalid', errors, values }
  // The input of the pages decides which stored secrets the next page can use.
  const isPartOfEntry = entry !== null && pages.length > 1
  return {
    type: 'valid',
    draft: new Draft({ values: allValues, ...(isPartOfEntry && { submitted }) }),
    values,
  }
}

/** Validates a choice after a sign-in, and adds it to the granted values. */
async function readSelection(
  core: Core,
  compiled: Compiled,
  flow: OpenFlow,
  { all, clear }: { readonly all: JsonObject; readonly clear: JsonObject },
): Promise<Submission> {
  const { form, schema } = formPageOf(compiled, flow)
  const errors = {
    ...errorsOf(core, compiled, { form, schema }, { values: all, allValues: all }),
    ...notOffered(choicesOf(form, flow), all),
  }
  const values = { ...flow.context.values, ...clear }
  if (Object.keys(errors).length > 0) return { type: 'invalid', errors, values }
  const granted = { ...(await openDraft(core, flow)).values, ...all }
  return { type: 'valid', draft: grantDraft(core, { scope: flow.scope, compiled, values: granted }), values }
}

/** Returns the input of a page whose only field has choices. @throws WrongStepError, InvalidInputError */
export function inputOfChoice(compiled: Compiled, flow: OpenFlow, choice: string): JsonObject {
  const form = showsPage(flow) ? formOf(compiled, flow) : null
  const [field] = form?.order ?? []
  if (form === null || field === undefined || form.order.length > 1 || !form.choices.has(field))
    throw new WrongStepError(flow.step, 'choose')
  const offered = choicesOf(form, flow).get(field) ?? []
  const options = new Map(offered.map(({ value }) => [String(value), value]))
  assertOffered(
    [...options.keys()].map((value) => ({ value })),
    choice,
  )
  return { [field]: options.get(choice) as ChoiceValue }
}

/** Checks that a menu has an option. @throws InvalidInputError */
export function assertOffered(options: readonly Pick<MenuOption, 'value'>[], choice: string): void {
  if (options.some(({ value }) => value === choice)) return
  const why = 'The menu does not offer this choice. Choose the value of one of its options.'
  throw new InvalidInputError(why, ['/choice'])
}

/** Returns the errors of the fields whose value is not one of their choices. */
function notOffered(
  offered: ReadonlyMap<string, readonly Pick<FoundChoice, 'value'>[]>,
  submitted: JsonObject,
): FormErrors {
  const wrong = unlistedIn(offered, submitted)
  return Object.fromEntries(wrong.map((field) => [`/${field}`, { code: 'invalid_value' }]))
}

/** Returns the errors of a schema. */
function errorsOf(
  core: Core,
  compiled: Compiled,
  { form, schema }: { readonly form: Form; readonly schema: z.ZodObject },
  { values, allValues }: { readonly values: JsonObject; readonly allValues: JsonObject },
): FormErrors {
  const forms = [form, compiled.fullForm, compiled.storedForm]
  const secrets = () => forms.flatMap((one) => secretTexts(one, allValues))
  try {
    const shownText = (text: string) => new ShownTexts(secrets()).text(text)
    return formErrors(form, issuesOf(schema, allValues), values, shownText)
  } catch (error) {
    // A refinement of the integration threw an error, which can quote the input. Only its name is logged.
    const { name } = loggedError(error, secrets())
    core.log.error({ domain: compiled.domain, code: name }, 'The schema of the integration threw an error.')
    return { base: { code: 'unknown' } }
  }
}

/** Returns errors for a page: those of other pages belong to the form as a whole. */
function shownOn({ order }: Form, errors: FormErrors): FormErrors {
  const shown = Object.entries(errors).map(([pointer, error]) => [
    order.includes(pointer.slice(1)) ? pointer : 'base',
    error,
  ])
  return Object.fromEntries(shown)
}

/** Returns the fields of several forms. */
const askedBy = (forms: readonly Form[]): Asked => ({
  order: forms.flatMap(({ order }) => order),
  secrets: new Set(forms.flatMap(({ secrets }) => [...secrets])),
  required: forms.flatMap(({ schema }) => schema.required),
})

/** Returns the values of the fields that the form has not asked for: stored ones. */
async function otherValues(
  core: Core,
  compiled: Compiled,
  asking: { readonly flow: OpenFlow; readonly entry: EntryRecord | null; readonly asked: Asked },
  submitted: JsonObject,
): Promise<JsonObject> {
  const { flow, entry, asked } = asking
  // The stored values of another account must not reach the new one.
  if (entry === null || flow.source === 'replace') return {}
  if (flow.source === 'options') return without(entry.options, asked.order)
  const { subentry } = flow.context
  if (subentry !== undefined) return storedSubentryValues(entry, subentry.subentryId, asked.order)
  const later = compiled.steps.get(flow.step)?.order.filter((field) => !asked.order.includes(field)) ?? []
  const withheld = mayUseStored(core, compiled, { flow, entry, asked }, submitted)
    ? []
    : later.filter((field) => compiled.storedForm.secrets.has(field))
  return storedValuesWithout(core, compiled, [...asked.order, ...withheld], entry)
}

/** Returns the schema of all values of a form. */
function schemaOf({ integration, schema, subentries }: Compiled, flow: OpenFlow): z.ZodObject {
  const { subentry } = flow.context
  // The step has a form, so it has a schema.
  if (subentry !== undefined) return (subentries.get(subentry.type) as CompiledSubentry).schema
  return flow.source === 'options' ? (integration.options as z.ZodObject) : schema
}

/** Returns the input of the earlier pages. */
async function earlierInput(core: Core, flow: OpenFlow): Promise<JsonObject> {
  if (flow.sealedDraft === null) return {}
  const { values, submitted } = await openDraft(core, flow)
  return submitted ?? values
}

const without = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !fields.includes(field)))

/** Returns the values of a sub-entry that are not in the form. Secrets are in every form. */
const storedSubentryValues = (
  entry: EntryRecord,
  subentryId: string | null,
  asked: readonly string[],
): JsonObject =>
  without(subentriesOf(entry).find((item) => item.subentryId === subentryId)?.data ?? {}, asked)

/** Returns the stored values of an entry that are not in the form. */
async function storedValuesWithout(
  core: Core,
  compiled: Compiled,
  shown: readonly string[],
  entry: EntryRecord,
): Promise<JsonObject> {
  const fields = compiled.fullForm.order.filter((field) => !shown.includes(field))
  const secrets = fields.some((field) => compiled.storedForm.secrets.has(field))
    ? await openSecrets(core, entry)
    : {}
  const values: Record<string, Json> = {}
  for (const stored of [entry.data, secrets]) {
    for (const field of fields) if (Object.hasOwn(stored, field)) values[field] = stored[field] as Json
  }
  return values
}

/**
 * Returns the issues of zod, empty if the values are valid. It does not create the error of zod,
 * which would cost more than the validation.
 *
 * @throws the error of a refinement, and $ZodAsyncError if one is asynchronous
 */
export function issuesOf(schema: z.core.$ZodType, values: unknown): readonly z.core.$ZodRawIssue[] {
  const result = schema._zod.run({ value: values, issues: [] }, { async: false })
  if (result instanceof Promise) throw new z.core.$ZodAsyncError()
  return result.issues
}
