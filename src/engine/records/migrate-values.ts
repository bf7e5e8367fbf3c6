import type * as z from 'zod'
import type { VersionOptions, VersionValues } from '../../authoring/migration.ts'
import { Secret } from '../../authoring/secret.ts'
import { InvalidInputError } from '../../errors.ts'
import { type Form, type FormInput, formErrors, isPlainObject, readInput } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** What an entry holds, opened. */
export interface OpenedEntry {
  readonly version: number
  readonly data: JsonObject
  readonly secrets: JsonObject
  readonly options: JsonObject
}

/** Why data could not be brought to the integration's version: kept with the entry, and in its history. */
export type MigrationFailure = 'no_step' | 'step_failed' | 'invalid_values'

/** Thrown where the chain does not lead to values that the integration takes; never quotes one. */
export class ChainBrokenError extends Error {
  readonly failure: MigrationFailure
  constructor(failure: MigrationFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.failure = failure
  }
}

/** Takes an entry's values and options through the chain, and checks what comes out of it. @throws ChainBrokenError */
export function migrateValues(compiled: Compiled, entry: OpenedEntry): OpenedEntry {
  let values: VersionValues = { ...entry.data, ...mapped(entry.secrets, (text) => new Secret(String(text))) }
  let options: VersionOptions = entry.options
  for (let from = entry.version; from < compiled.version; from++) {
    const step = compiled.migrations.get(from)
    if (step === undefined) {
      throw new ChainBrokenError('no_step', `There is no migration from version ${from} to ${from + 1}.`)
    }
    values = taken(from, step.values, values)
    options = taken(from, step.options, options)
  }
  return {
    version: compiled.version,
    ...checked(compiled, values),
    options: checkedOptions(compiled, options),
  }
}

/** One step of the chain, where the version has one. */
function taken<Values>(from: number, step: ((old: Values) => Values) | undefined, old: Values): Values {
  if (step === undefined) return old
  let made: Values
  try {
    made = step(old)
  } catch (cause) {
    throw new ChainBrokenError('step_failed', `The migration from version ${from} threw.`, cause)
  }
  if (!isPlainObject(made)) throw refused(from + 1, 'what it returned is no plain object')
  return made
}

function checked(compiled: Compiled, values: VersionValues): Pick<OpenedEntry, 'data' | 'secrets'> {
  const { storedForm, storedSchema, version } = compiled
  for (const [field, value] of Object.entries(values)) {
    if (value instanceof Secret && !storedForm.secrets.has(field))
      throw refused(version, `the field ${field} holds a secret, and is no secret field`)
  }
  const plain = mapped(values, (value) => (value instanceof Secret ? value.reveal() : value))
  const { values: all, clear } = fitting({ form: storedForm, schema: storedSchema, version }, plain)
  const secrets = Object.entries(all).filter(([field]) => storedForm.secrets.has(field))
  return { data: clear, secrets: Object.fromEntries(secrets) }
}

/** What is left out is left out; an integration that has no options says nothing about those that are there. */
function checkedOptions({ steps, integration, version }: Compiled, options: VersionOptions): JsonObject {
  const plain = JSON.parse(JSON.stringify(options)) as JsonObject
  const form = steps.get('init')
  if (form === undefined || integration.options === undefined) return plain
  return fitting({ form, schema: integration.options, version }, plain).values
}

/** What a form and its schema take. @throws ChainBrokenError naming the fields at fault */
function fitting(
  { form, schema, version }: { form: Form; schema: z.ZodObject; version: number },
  given: Record<string, unknown>,
): FormInput {
  try {
    const input = readInput(form, given)
    const { error } = schema.safeParse(input.values)
    if (error === undefined) return input
    const errors = Object.entries(formErrors(form, error.issues, input.values))
    throw refused(version, errors.map(([pointer, { code }]) => `${pointer} ${code}`).join(', '))
  } catch (error) {
    if (error instanceof InvalidInputError) throw refused(version, error.message)
    if (error instanceof ChainBrokenError) throw error
    throw refused(version, 'the fields threw', error)
  }
}

const refused = (version: number, why: string, cause?: unknown): ChainBrokenError =>
  new ChainBrokenError('invalid_values', `The migration to version ${version} is refused: ${why}`, cause)

function mapped<From, To>(
  from: { readonly [field: string]: From },
  to: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([field, value]) => [field, to(value)]))
}
