import { Draft } from '../../../machines/draft.ts'
import type { Found } from '../../../machines/flow-result.ts'
import { isAddressField } from '../../authoring/field.ts'
import { titleFrom } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { InvalidInputError } from '../../errors.ts'
import { pointerTo, readInput, shownPath } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Discovery, StartRequest } from '../api/flows.ts'
import { type InitialContent, initialContent } from '../connections/initial-content.ts'
import { unlistedIn } from '../integrations/choices.ts'
import { type Compiled, methodVariants } from '../integrations/compiled.ts'
import type { UnfitError } from '../integrations/fitting.ts'
import { normalizedValue } from '../integrations/values.ts'

/** A validated discovery. */
export interface Announced {
  readonly found: Found
  readonly values: JsonObject
}

/**
 * Validates a discovery. The error has the pointer of the invalid member, never its value. @throws InvalidInputError
 */
export function readDiscovery(compiled: Compiled, discovery: Discovery | undefined): Announced {
  const { uniqueId, values = {}, title = null, key = null } = discovery ?? ({} as Partial<Discovery>)
  if (uniqueId !== undefined && !isUniqueId(uniqueId))
    throw invalid('The unique id of the discovery is invalid. Use a short, non-empty string.', '/uniqueId')
  if (key !== null && !isUniqueId(key))
    throw invalid('The key of the discovery is invalid. Use a short, non-empty string.', '/key')
  // No method is selected yet: the values can belong to any method, but not to a secret of one.
  const methods = methodVariants(compiled)
  const order = methods.flatMap(({ fullForm }) => fullForm.order)
  const secrets = new Set(methods.flatMap(({ fullForm }) => [...fullForm.secrets]))
  const { clear, values: all } = readInput({ order, secrets }, values, { at: '/discovery/values' })
  for (const field of Object.keys(all)) {
    const matches = methods.some(({ schema }) => schema.shape[field]?.safeParse(all[field]).success === true)
    if (!Object.hasOwn(clear, field))
      throw invalid('A discovery must not contain a secret.', `/values/${field}`)
    if (!matches) throw invalid('A value of the discovery does not match its field.', `/values/${field}`)
  }
  const address = addressOf(methods, clear)
  const found = { title: titleFrom(title, null), key, ...(address !== '' && { address }) }
  if (uniqueId !== undefined) return { found: { ...found, uniqueId }, values: clear }
  const slot = `address:${address}`
  if (address === '' || !isUniqueId(slot))
    throw invalid('The discovery has neither a unique id nor an address. Add one of them.', '/uniqueId')
  return { found: { ...found, uniqueId: slot, anonymous: true }, values: clear }
}

/** Returns the announced address, the same for all of its spellings; empty without one. */
function addressOf(methods: readonly Compiled[], values: JsonObject): string {
  const typed = Object.keys(values).map((field) => ({
    field,
    // Each value matches a field of a method.
    method: methods.find(({ schema }) => schema.shape[field] !== undefined) as Compiled,
  }))
  const addresses = typed.filter(({ field, method }) => isAddressField(method.schema.shape[field]))
  const named = (addresses.length > 0 ? addresses : typed).map(
    ({ field, method }) => `${field}=${normalizedValue(method, field, values[field])}`,
  )
  return named.sort().join('&')
}

/** A validated import. */
export interface Imported {
  readonly draft: Draft
  readonly initial: Partial<InitialContent>
}

/**
 * Validates an import. `most`: the maximum number of sub-entries. @throws InvalidInputError with the pointers of the invalid
 * fields
 */
export function readImport(
  compiled: Compiled,
  { input, options, subentries }: Pick<StartRequest, 'input' | 'options' | 'subentries'>,
  most: number,
): Imported {
  const draft = readImportedValues(compiled, input)
  try {
    const given = {
      ...(options !== undefined && { options }),
      ...(subentries !== undefined && { subentries }),
    }
    const content = initialContent(compiled, given, { secrets: [], most })
    const initial = {
      ...(options !== undefined && { options: content.options }),
      ...(subentries !== undefined && { subentries: content.subentries }),
    }
    return { draft, initial }
  } catch (error) {
    const { message, path } = error as UnfitError
    throw new InvalidInputError(`The import is invalid: ${message}`, [path])
  }
}

function readImportedValues({ fullForm, schema }: Compiled, input: unknown): Draft {
  const { values } = readInput(fullForm, input, { at: '/input' })
  let pointers = unlistedIn(fullForm.choices, values).map((field) => `/input${pointerTo([field])}`)
  try {
    const parsed = schema.safeParse(values)
    if (parsed.success && pointers.length === 0) return new Draft({ values })
    if (!parsed.success)
      pointers = parsed.error.issues.map(({ path }) => `/input${pointerTo(shownPath(fullForm, path))}`)
  } catch {
    // A refinement of the integration threw an error, which can quote the input.
  }
  throw new InvalidInputError('The values of the import do not match their fields.', [...new Set(pointers)])
}

const invalid = (message: string, pointer: string): InvalidInputError =>
  new InvalidInputError(message, [`/discovery${pointer}`])
