import * as z from 'zod'
import type { FoundOption } from '../../../machines/flow-result.ts'
import { titleFrom } from '../../authoring/title.ts'
import { InvalidInputError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FoundMenuPage } from '../integrations/pages.ts'
import { collectSecrets } from '../integrations/values.ts'
import type { CallFailed } from './service-calls.ts'

/** The result of loading the options of a menu. */
export type FindOptionsOutcome =
  | { readonly type: 'found'; readonly options: readonly FoundOption[] }
  | { readonly type: 'failed'; readonly error: 'no_options' }
  | CallFailed

const MAX_OPTIONS = 500

const MAX_VALUE_CHARACTERS = 200

/**
 * Calls the `options` function of a menu with the values of the previous pages.
 *
 * @throws any error of `options`, and InvalidInputError if its result is invalid
 */
export async function findOptions(
  compiled: Compiled,
  { name, find }: FoundMenuPage,
  request: { readonly values: JsonObject; readonly secrets: string[]; readonly context: object },
): Promise<FindOptionsOutcome> {
  const values = z.object(compiled.schema.shape).partial().parse(request.values)
  collectSecrets(values, request.secrets)
  const labels = await (find as (values: unknown, context: unknown) => Promise<unknown>)(
    values,
    request.context,
  )
  if (typeof labels !== 'object' || labels === null) {
    throw new InvalidInputError(`The options of the menu "${name}" are not an object of labels by value.`)
  }
  const found = Object.entries(labels).map(([value, label]) => ({ value, label: titleFrom(label, value) }))
  if (found.length === 0) return { type: 'failed', error: 'no_options' }
  if (
    found.length > MAX_OPTIONS ||
    found.some(({ value }) => value === '' || value.length > MAX_VALUE_CHARACTERS)
  ) {
    throw new InvalidInputError(
      `The options of the menu "${name}" exceed ${MAX_OPTIONS}, or a value is empty or exceeds ${MAX_VALUE_CHARACTERS} characters.`,
    )
  }
  return { type: 'found', options: found }
}
