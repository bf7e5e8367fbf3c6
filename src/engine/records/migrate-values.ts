import type * as z from 'zod'
import type { VersionOptions, VersionValues } from '../../authoring/migration.ts'
import { Secret } from '../../authoring/secret.ts'
import { InvalidInputError } from '../../errors.ts'
import { type Form, type FormInput, formErrors, isPlainObject, readInput } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** The values and options of an entry, with decrypted secrets. */
export interface OpenedEntry {
  readonly version: number
  readonly data: JsonObject
  readonly secrets: JsonObject
  readonly options: JsonObject
}

/** The reason why a migration failed. Stored with the entry and in its history. */
export type MigrationFailure = 'no_step' | 'step_failed' | 'invalid_values'

/** A migration of the integration is missing, threw, or returned invalid values. The message never quotes a value. */
export class MigrationFailedError extends Error {
  readonly failure: MigrationFailure
  constructor(failure: MigrationFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.failure = failure
  }
}

/**
 * Applies all migrations to the values and options of an entry and validates the result. @throws MigrationFailedError
 */
export function migrateValues(compiled: Compiled, entry: OpenedEntry): OpenedEntry {
  let values: VersionValues = { ...entry.data, ...mapped(entry.secrets, (text) => new Secret(String(text))) }
  let options: VersionOptions = entry.options
  for (let from = entry.version; from < compiled.version; from++) {
    const step = compiled.migrations.get(from)
    if (step === undefined) {
      throw new MigrationFailedError(
        'no_step',
        `The migration from version ${from} to ${from + 1} is missing.`,
      )
    }
    values = applied(from, step.values, values)
    options = applied(from, step.options, options)
  }
  return {
    version: compiled.version,
    ...checked(compiled, values),
    options: checkedOptions(compiled, options),
  }
}

/** Applies a migration, if the version has one. */
function applied<Values>(from: number, step: ((old: Values) => Values) | undefined, old: Values): Values {
  if (step === undefined) return old
  let result: Values
  try {
    result = step(old)
  } catch (cause) {
    throw new MigrationFailedError('step_failed', `The migration from version ${from} threw.`, cause)
  }
  if (!isPlainObject(result)) throw invalid(from + 1, 'the migration did not return a plain object')
  return result
}

function checked(compiled: Compiled, values: VersionValues): Pick<OpenedEntry, 'data' | 'secrets'> {
  const { storedForm, storedSchema, version } = compiled
  for (const [field, value] of Object.entries(values)) {
    if (value instanceof Secret && !storedForm.secrets.has(field))
      throw invalid(version, `the field "${field}" contains a secret, but is not a secret field`)
  }
  const plain = mapped(values, (value) => (value instanceof Secret ? value.reveal() : value))
  const { values: all, clear } = validated({ form: storedForm, schema: storedSchema, version }, plain)
  const secrets = Object.entries(all).filter(([field]) => storedForm.secrets.has(field))
  return { data: clear, secrets: Object.fromEntries(secrets) }
}

/** Validates migrated options. An integration without options leaves the stored ones unchanged. */
function checkedOptions({ steps, integration, version }: Compiled, options: VersionOptions): JsonObject {
  const plain = JSON.parse(JSON.stringify(options)) as JsonObject
  const form = steps.get('init')
  if (form === undefined || integration.options === undefined) return plain
  return validated({ form, schema: integration.options, version }, plain).values
}

/** Validates values by a form and its schema. @throws MigrationFailedError with the invalid fields */
function validated(
  { form, schema, version }: { form: Form; schema: z.ZodObject; version: number },
  values: Record<string, unknown>,
): FormInput {
  try {
    const input = readInput(form, values)
    const { error } = schema.safeParse(input.values)
    if (error === undefined) return input
    const errors = Object.entries(formErrors(form, error.issues, input.values))
    throw invalid(version, errors.map(([pointer, { code }]) => `${pointer} ${code}`).join(', '))
  } catch (error) {
    if (error instanceof InvalidInputError) throw invalid(version, error.message)
    if (error instanceof MigrationFailedError) throw error
    throw invalid(version, 'the schema threw an error', error)
  }
}

const invalid = (version: number, why: string, cause?: unknown): MigrationFailedError =>
  new MigrationFailedError(
    'invalid_values',
    `The migration to version ${version} returned invalid values: ${why}`,
    cause,
  )

function mapped<From, To>(
  from: { readonly [field: string]: From },
  to: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([field, value]) => [field, to(value)]))
}
