import type * as z from 'zod'
import type { FoundChoice } from '../../../machines/flow-result.ts'
import { InvalidInputError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import { type ChoiceKind, type DefinedChoices, readChoices } from '../integrations/choices.ts'
import { collectSecrets } from '../integrations/values.ts'
import type { Call } from '../lib/call.ts'
import { Redactor } from '../lib/redactor.ts'
import type { Failed } from './service-calls.ts'

/** The function of a field to call, and its parameters. */
export interface FindRequest<Failure extends NotFound = never> {
  readonly field: string
  readonly defined: DefinedChoices | undefined
  /** The fields that the values can have. */
  readonly shape: z.ZodObject['shape']
  /** The type of the values of the field. */
  readonly kind: ChoiceKind
  /** The input of the earlier pages, and the stored values. */
  readonly values: JsonObject
  /** Cancels the call when its result is no longer needed. */
  readonly call: Call
  /** Receives an error before its failure is returned. */
  readonly failed?: Failed | undefined
  /**
   * Calls `work` with the client of the entry, or returns why it has none. Adds the secrets of the entry to `secrets`, which
   * no choice may contain. Absent for a flow that connects itself.
   */
  within?(
    work: (client: unknown) => Promise<ChoicesFound>,
    secrets: string[],
  ): Promise<ChoicesFound | Failure>
}

/** The choices of a field. */
export interface ChoicesFound {
  readonly type: 'found'
  readonly choices: readonly FoundChoice[]
}

/** Another result than choices. */
export interface NotFound {
  readonly type: 'failed' | 'missing' | 'disabled'
}

/** A shorter secret can be a part of the value of a choice by chance. */
const LONG_SECRET = 8

/**
 * Returns the choices of a field without the secrets in their texts.
 *
 * @throws InvalidInputError if a value contains a secret: it cannot be shown in part
 */
export function withoutSecrets<Other extends NotFound>(
  field: string,
  found: ChoicesFound | Other,
  secrets: readonly string[],
): ChoicesFound | Other {
  if (!isFound(found)) return found
  const long = secrets.filter(({ length }) => length >= LONG_SECRET)
  const spelled = long.flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
  if (found.choices.some(({ value }) => spelled.some((secret) => String(value).includes(secret))))
    throw new InvalidInputError(
      `The choices of "${field}" have a value that contains a secret. Return an id without the secret.`,
    )
  const redactor = new Redactor(secrets)
  const choices = found.choices.map(({ label, description, ...choice }) => ({
    ...choice,
    label: redactor.redact(label),
    ...(description !== undefined && { description: redactor.redact(description) }),
  }))
  return { type: 'found', choices }
}

const isFound = (result: ChoicesFound | NotFound): result is ChoicesFound => result.type === 'found'

/**
 * Calls the function of a field, and validates its result. Adds the secrets among the values to `secrets`, which
 * {@link withoutSecrets} removes from the choices.
 *
 * @throws any error of the function, and InvalidInputError if its result is invalid
 */
export async function callForChoices(
  {
    field,
    defined,
    shape,
    kind,
    values,
  }: Pick<FindRequest, 'field' | 'defined' | 'shape' | 'kind' | 'values'>,
  context: object,
  secrets: string[],
): Promise<ChoicesFound> {
  const known: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const parsed = shape[name]?.safeParse(value)
    // A stored value can be older than the schema of its field.
    if (parsed?.success === true) known[name] = parsed.data
  }
  collectSecrets(known, secrets)
  const find = (defined as DefinedChoices)[field] as (values: unknown, context: unknown) => Promise<unknown>
  const choices = readChoices(await find(known, context), kind)
  if (typeof choices === 'string') throw new InvalidInputError(`The choices of "${field}" ${choices}`)
  return { type: 'found', choices }
}
