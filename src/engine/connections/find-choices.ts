import type * as z from 'zod'
import type { FoundChoice } from '../../../machines/flow-result.ts'
import { InvalidInputError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import { type DefinedChoices, readChoices } from '../integrations/choices.ts'
import { collectSecrets } from '../integrations/values.ts'
import type { Call } from '../lib/call.ts'
import { Redactor } from '../lib/redactor.ts'
import type { Failed } from './service-calls.ts'

/** The function of a field to call, and its parameters. */
export interface FindRequest<Failure = never> {
  readonly field: string
  readonly defined: DefinedChoices | undefined
  /** The fields that the values can have. */
  readonly shape: z.ZodObject['shape']
  /** The input of the earlier pages, and the stored values. */
  readonly values: JsonObject
  /** Cancels the call when its result is no longer needed. */
  readonly call: Call
  /** Receives an error before its failure is returned. */
  readonly failed?: Failed | undefined
  /**
   * Calls `work` with the client of the entry, or returns why it has none. Adds the secrets of the entry to `secrets` if
   * `work` fails. Absent for a flow that connects itself.
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

/** Returns choices whose texts contain no secret. */
function withoutSecrets(choices: readonly FoundChoice[], secrets: readonly string[]): readonly FoundChoice[] {
  const redactor = new Redactor(secrets)
  return choices.map(({ label, description, ...choice }) => ({
    ...choice,
    label: redactor.redact(label),
    ...(description !== undefined && { description: redactor.redact(description) }),
  }))
}

/**
 * Calls the function of a field, and validates its result. Adds the secrets among the values to `secrets`.
 *
 * @throws any error of the function, and InvalidInputError if its result is invalid
 */
export async function callForChoices(
  { field, defined, shape, values }: Pick<FindRequest, 'field' | 'defined' | 'shape' | 'values'>,
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
  const choices = readChoices(await find(known, context))
  if (typeof choices === 'string') throw new InvalidInputError(`The choices of "${field}" ${choices}`)
  return { type: 'found', choices: withoutSecrets(choices, secrets) }
}
