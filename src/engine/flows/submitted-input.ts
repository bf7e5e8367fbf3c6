import * as z from 'zod'
import { Draft } from '../../../machines/draft.ts'
import type { FormErrors } from '../../../machines/form-errors.ts'
import { InvalidInputError } from '../../errors.ts'
import { formErrors, readInput } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { MenuOption } from '../../view.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import { optionsOf, pageOf } from '../flow-state/flow-page.ts'
import type { OpenFlow } from '../flow-state/flow-record.ts'
import { formOf } from '../flow-state/flow-view.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Page } from '../integrations/pages.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openDraft, openSecrets } from '../secrets/vault.ts'

/** A validated submit, or its errors. `values` has the plain fields. */
export type Submission =
  | { readonly type: 'valid'; readonly draft: Draft; readonly values: JsonObject }
  | { readonly type: 'invalid'; readonly errors: FormErrors; readonly values: JsonObject }

/**
 * Validates a submit. The fields of the step come from the input only, all others from the entry.
 *
 * @throws InvalidInputError where the input does not have the step's form
 */
export async function readSubmission(
  core: Core,
  compiled: Compiled,
  flow: OpenFlow,
  entry: EntryRecord | null,
  input: unknown,
): Promise<Submission> {
  const form = formOf(compiled, flow)
  const { values, clear } = readInput(form, input)
  const { challenge } = flow.context
  const asked = stepViewOf(flow).shows === 'challenge' && challenge !== null
  const others = asked ? {} : await unasked(core, compiled, { flow, entry, shown: form.order })
  const whole = { ...others, ...values }
  const kept = asked ? flow.context.values : clear
  const shown = entry === null && !asked ? { ...without(flow.context.values, form.order), ...clear } : kept
  // The form is there, so its schema is.
  const schema = (
    asked ? compiled.integration.challenges?.[challenge] : schemaOf(compiled, flow)
  ) as z.ZodObject
  try {
    const issues = issuesOf(schema, whole)
    if (issues.length > 0) return { type: 'invalid', errors: formErrors(form, issues, values), values: shown }
  } catch (error) {
    // A refinement of the integration threw, with the input at hand: not even its message can be trusted.
    const typed = Object.values(whole).filter((value) => typeof value === 'string')
    const { name } = loggedError(error, typed)
    core.log.error('The fields of an integration threw.', { domain: compiled.domain, code: name })
    return { type: 'invalid', errors: { base: { code: 'unknown' } }, values: shown }
  }
  if (!asked) return { type: 'valid', draft: new Draft({ values: whole }), values: shown }
  const { values: before, state } = await openDraft(core, flow)
  const draft = new Draft({ values: before, challenge: { name: challenge, state, values } })
  return { type: 'valid', draft, values: shown }
}

/**
 * Reads a choice in a menu, as if its value had been typed.
 *
 * @throws InvalidInputError where the menu does not offer it
 */
export async function readChoice(
  core: Core,
  compiled: Compiled,
  flow: OpenFlow,
  choice: string,
): Promise<Submission> {
  const page = pageOf(compiled.pages, flow, 'menu', 'found_menu')
  assertOffered(optionsOf(page, flow), choice)
  const whole = { ...(await typedBefore(core, flow)), [page.field]: choice }
  const values = { ...flow.context.values, [page.field]: choice }
  const parsed = (schemaOf(compiled, flow) as z.ZodObject).safeParse(whole)
  if (parsed.success) return { type: 'valid', draft: new Draft({ values: whole }), values }
  const errors = { base: { code: 'invalid_value' } }
  return { type: 'invalid', errors, values: flow.context.values }
}

/** @throws InvalidInputError where a menu does not offer a choice */
export function assertOffered(options: readonly MenuOption[], choice: string): void {
  if (options.some(({ value }) => value === choice)) return
  const why = 'The menu does not offer this choice. Choose the value of one of its options.'
  throw new InvalidInputError(why, ['/choice'])
}

/** Returns the values of the fields that are not in the form: from the draft, or from the entry. */
async function unasked(
  core: Core,
  compiled: Compiled,
  { flow, entry, shown }: { flow: OpenFlow; entry: EntryRecord | null; shown: readonly string[] },
): Promise<JsonObject> {
  if (stepViewOf(flow).shows === 'options') return {}
  const { subentry } = flow.context
  if (subentry !== undefined) return unshownUnder(entry, subentry.subentryId, shown)
  return entry === null
    ? without(await typedBefore(core, flow), shown)
    : unshown(core, compiled, shown, entry)
}

/** Returns the schema of a step: of all values, or of a page before the last. */
function schemaOf(
  { integration, pages, schema, subentries }: Compiled,
  flow: OpenFlow,
): z.ZodObject | undefined {
  if (stepViewOf(flow).shows === 'options') return integration.options
  if (flow.context.subentry !== undefined) return subentries.get(flow.context.subentry.type)?.schema
  const page = pages[flow.context.page ?? 0] as Page
  if (flow.entryId !== null || page === pages.at(-1)) return schema
  return page.kind === 'form' ? page.schema : z.object({})
}

/** Returns the input of the earlier pages. */
async function typedBefore(core: Core, flow: OpenFlow): Promise<JsonObject> {
  return flow.sealedDraft === null ? {} : (await openDraft(core, flow)).values
}

const without = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !fields.includes(field)))

/** Returns the values of a sub-entry that are not in the form. Secrets are in every form. */
const unshownUnder = (
  entry: EntryRecord | null,
  subentryId: string | null,
  shown: readonly string[],
): JsonObject =>
  without((entry && subentriesOf(entry).find((one) => one.subentryId === subentryId)?.data) ?? {}, shown)

/** The entry's values of the fields that a form does not show. */
async function unshown(
  core: Core,
  compiled: Compiled,
  shown: readonly string[],
  entry: EntryRecord,
): Promise<JsonObject> {
  const unshown = compiled.fullForm.order.filter((field) => !shown.includes(field))
  const secrets = unshown.some((field) => compiled.storedForm.secrets.has(field))
    ? await openSecrets(core, entry)
    : {}
  const values: Record<string, Json> = {}
  for (const kept of [entry.data, secrets]) {
    for (const field of unshown) if (Object.hasOwn(kept, field)) values[field] = kept[field] as Json
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
  const read = schema._zod.run({ value: values, issues: [] }, { async: false })
  if (read instanceof Promise) throw new z.core.$ZodAsyncError()
  return read.issues
}
