import type * as z from 'zod'
import type { FormErrors } from '../../machines/config-flow-setup.ts'
import { Draft } from '../../machines/draft.ts'
import { formErrors, readInput } from '../form.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { Compiled } from './compile.ts'
import type { Core } from './core.ts'
import type { OpenFlow } from './flow-record.ts'
import { formOf } from './flow-view.ts'
import { loggedError } from './scrub.ts'
import { openDraft, openSecrets } from './vault.ts'

/** What was submitted: fit to be tried, or with the errors to show. `values` are the fields that are no secrets. */
export type Submission =
  | { readonly type: 'valid'; readonly draft: Draft; readonly values: JsonObject }
  | { readonly type: 'invalid'; readonly errors: FormErrors; readonly values: JsonObject }

/**
 * Reads a submit. The fields that the step shows come from the input alone, all others from the entry.
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
  const { challenges, options, fields } = compiled.integration
  const { values, clear } = readInput(form, input)
  const { challenge } = flow.context
  const asked = flow.step === 'challenge' && challenge !== null
  const whole =
    asked || entry === null || flow.step === 'init'
      ? values
      : { ...(await unshown(core, compiled, form.order, entry)), ...values }
  // The form is there, so its schema is.
  const schema = (asked ? challenges?.[challenge] : flow.step === 'init' ? options : fields) as z.ZodObject
  const shown = asked ? flow.context.values : clear
  try {
    const parsed = schema.safeParse(whole)
    if (!parsed.success) {
      return { type: 'invalid', errors: formErrors(form, parsed.error.issues, values), values: shown }
    }
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

/** The entry's values of the fields that a form does not show. */
async function unshown(
  core: Core,
  compiled: Compiled,
  shown: readonly string[],
  entry: EntryRecord,
): Promise<JsonObject> {
  const unshown = compiled.whole.order.filter((field) => !shown.includes(field))
  const secrets = unshown.some((field) => compiled.kept.secrets.has(field))
    ? await openSecrets(core, entry)
    : {}
  const values: Record<string, Json> = {}
  for (const kept of [entry.data, secrets]) {
    for (const field of unshown) if (Object.hasOwn(kept, field)) values[field] = kept[field] as Json
  }
  return values
}
