import * as z from 'zod'
import type { FoundOption } from '../../../machines/flow-result.ts'
import { titleFrom } from '../../authoring/title.ts'
import { InvalidInputError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FoundMenuPage } from '../integrations/pages.ts'
import { collectSecrets } from '../integrations/secret-values.ts'
import type { CallFailed } from './service-calls.ts'

/** What came of asking a service what there is to choose. */
export type FindOptionsOutcome =
  | { readonly type: 'found'; readonly options: readonly FoundOption[] }
  | { readonly type: 'failed'; readonly error: 'no_options' }
  | CallFailed

const MOST = 500

const MAX_VALUE = 200

/**
 * Calls the `options` of a menu with what was typed on the pages before it.
 *
 * @throws whatever `options` throws, and where it returns no labels by value
 */
export async function findOptions(
  compiled: Compiled,
  { name, find }: FoundMenuPage,
  asked: { readonly values: JsonObject; readonly secrets: string[]; readonly given: object },
): Promise<FindOptionsOutcome> {
  const values = z.object(compiled.schema.shape).partial().parse(asked.values)
  collectSecrets(values, asked.secrets)
  const ask = find as (values: unknown, context: unknown) => Promise<unknown>
  const labels = await ask(values, asked.given)
  if (typeof labels !== 'object' || labels === null) {
    throw new InvalidInputError(`The options of ${name} are no object of labels by value.`)
  }
  const found = Object.entries(labels).map(([value, label]) => ({ value, label: titleFrom(label, value) }))
  if (found.length === 0) return { type: 'failed', error: 'no_options' }
  if (found.length > MOST || found.some(({ value }) => value === '' || value.length > MAX_VALUE)) {
    throw new InvalidInputError(
      `The options of ${name} are more than ${MOST}, or have a value that is empty or longer than ${MAX_VALUE}.`,
    )
  }
  return { type: 'found', options: found }
}
