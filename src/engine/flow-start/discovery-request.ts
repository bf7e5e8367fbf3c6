import { Draft } from '../../../machines/draft.ts'
import type { Found } from '../../../machines/flow-result.ts'
import { isTitle } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { InvalidInputError } from '../../errors.ts'
import { readInput } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Discovery } from '../api/flows.ts'
import { type Compiled, methodVariants } from '../integrations/compiled.ts'

/** A validated discovery. */
export interface Announced {
  readonly found: Found
  readonly values: JsonObject
}

/** @throws InvalidInputError naming the member at fault, never its value */
export function readDiscovery(compiled: Compiled, discovery: Discovery | undefined): Announced {
  const { uniqueId, values = {}, title = null, key = null } = discovery ?? ({} as Partial<Discovery>)
  if (!isUniqueId(uniqueId)) throw refused('says who it is: a unique id that is not empty', '/uniqueId')
  if (title !== null && !isTitle(title)) throw refused('has a title that can be shown', '/title')
  if (key !== null && !isUniqueId(key)) throw refused('has a key that is a short text', '/key')
  // No method is selected yet: the values can belong to any method, but not to a secret of one.
  const methods = methodVariants(compiled)
  const order = methods.flatMap(({ fullForm }) => fullForm.order)
  const secrets = new Set(methods.flatMap(({ fullForm }) => [...fullForm.secrets]))
  const { clear, values: all } = readInput({ order, secrets }, values)
  for (const field of Object.keys(all)) {
    const fits = methods.some(({ schema }) => schema.shape[field]?.safeParse(all[field]).success === true)
    if (!Object.hasOwn(clear, field)) throw refused('carries no secrets', `/values/${field}`)
    if (!fits) throw refused('carries values that fit their fields', `/values/${field}`)
  }
  return { found: { uniqueId, title, key }, values: clear }
}

/** Validates the values of an import. @throws InvalidInputError with the pointers of the invalid fields */
export function readImport({ fullForm, schema }: Compiled, input: unknown): Draft {
  const { values } = readInput(fullForm, input)
  let pointers: string[] = []
  try {
    const read = schema.safeParse(values)
    if (read.success) return new Draft({ values })
    pointers = read.error.issues.map(({ path }) => ['', 'input', ...path.slice(0, 1)].join('/'))
  } catch {
    // A refinement of the integration threw, with the input at hand: not even its message can be trusted.
  }
  throw new InvalidInputError('An import carries values that fit their fields.', [...new Set(pointers)])
}

const refused = (what: string, pointer: string): InvalidInputError =>
  new InvalidInputError(`A discovery ${what}.`, [`/discovery${pointer}`])
