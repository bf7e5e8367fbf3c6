import * as z from 'zod'
import { Draft } from '../../../machines/draft.ts'
import type { FormErrors } from '../../../machines/form-errors.ts'
import { InvalidInputError } from '../../errors.ts'
import { formErrors, readInput } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { MenuOption } from '../../view.ts'
import { ShownTexts } from '../connections/explained.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import { optionsOf, pageOf } from '../flow-state/flow-pages.ts'
import type { OpenFlow } from '../flow-state/flow-record.ts'
import { formOf } from '../flow-state/flow-view.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Page } from '../integrations/pages.ts'
import { secretTexts } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openDraft, openSecrets } from '../secrets/vault.ts'
import { keptSecrets, withoutRemoved } from './kept-secrets.ts'

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
  const values = withoutRemoved(form, all)
  const { challenge } = flow.context
  const isChallenge = stepViewOf(flow).shows === 'challenge' && challenge !== null
  const others = isChallenge ? {} : await otherValues(core, compiled, { flow, entry, shown: form.order })
  const { kept, errors } = await keptSecrets(core, compiled, { flow, entry, form }, all)
  const allValues = { ...others, ...kept, ...values }
  const unchanged = isChallenge ? flow.context.values : clear
  const shown =
    entry === null && !isChallenge ? { ...without(flow.context.values, form.order), ...clear } : unchanged
  // The step has a form, so it has a schema.
  const schema = (
    isChallenge ? compiled.integration.challenges?.[challenge] : schemaOf(compiled, flow)
  ) as z.ZodObject
  const forms = [form, compiled.fullForm, compiled.storedForm]
  const secrets = () => forms.flatMap((one) => secretTexts(one, allValues))
  try {
    const issues = issuesOf(schema, allValues)
    const shownText = (text: string) => new ShownTexts(secrets()).text(text)
    const found = { ...errors, ...formErrors(form, issues, values, shownText) }
    if (Object.keys(found).length > 0) return { type: 'invalid', errors: found, values: shown }
  } catch (error) {
    // A refinement of the integration threw an error, which can quote the input. Only its name is logged.
    const { name } = loggedError(error, secrets())
    core.log.error({ domain: compiled.domain, code: name }, 'The schema of the integration threw an error.')
    return { type: 'invalid', errors: { base: { code: 'unknown' } }, values: shown }
  }
  if (!isChallenge) return { type: 'valid', draft: new Draft({ values: allValues }), values: shown }
  const { values: before, state } = await openDraft(core, flow)
  const draft = new Draft({ values: before, challenge: { name: challenge, state, values } })
  return { type: 'valid', draft, values: shown }
}

/**
 * Validates a choice in a menu like the input of its field.
 *
 * @throws InvalidInputError if the menu does not have the option
 */
export async function readChoice(
  core: Core,
  compiled: Compiled,
  flow: OpenFlow,
  choice: string,
): Promise<Submission> {
  const page = pageOf(compiled.pages, flow, 'menu', 'found_menu')
  assertOffered(optionsOf(page, flow), choice)
  const allValues = { ...(await earlierInput(core, flow)), [page.field]: choice }
  const values = { ...flow.context.values, [page.field]: choice }
  const parsed = (schemaOf(compiled, flow) as z.ZodObject).safeParse(allValues)
  if (parsed.success) return { type: 'valid', draft: new Draft({ values: allValues }), values }
  const errors = { base: { code: 'invalid_value' } }
  return { type: 'invalid', errors, values: flow.context.values }
}

/** Checks that a menu has an option. @throws InvalidInputError */
export function assertOffered(options: readonly MenuOption[], choice: string): void {
  if (options.some(({ value }) => value === choice)) return
  const why = 'The menu does not offer this choice. Choose the value of one of its options.'
  throw new InvalidInputError(why, ['/choice'])
}

/** Returns the values of the fields that are not in the form: from the draft, or from the entry. */
async function otherValues(
  core: Core,
  compiled: Compiled,
  { flow, entry, shown }: { flow: OpenFlow; entry: EntryRecord | null; shown: readonly string[] },
): Promise<JsonObject> {
  if (stepViewOf(flow).shows === 'options') return {}
  const { subentry } = flow.context
  if (subentry !== undefined) return storedSubentryValues(entry, subentry.subentryId, shown)
  return entry === null
    ? without(await earlierInput(core, flow), shown)
    : storedValuesWithout(core, compiled, shown, entry)
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
async function earlierInput(core: Core, flow: OpenFlow): Promise<JsonObject> {
  return flow.sealedDraft === null ? {} : (await openDraft(core, flow)).values
}

const without = (values: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !fields.includes(field)))

/** Returns the values of a sub-entry that are not in the form. Secrets are in every form. */
const storedSubentryValues = (
  entry: EntryRecord | null,
  subentryId: string | null,
  shown: readonly string[],
): JsonObject =>
  without((entry && subentriesOf(entry).find((item) => item.subentryId === subentryId)?.data) ?? {}, shown)

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
