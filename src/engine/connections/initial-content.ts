import type { Connected } from '../../authoring/integration.ts'
import { Secret } from '../../authoring/secret.ts'
import { titleFrom } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { isPlainObject, pointerTo } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { assertDistinct, fittingValues, UnfitError } from '../integrations/fitting.ts'
import { ShownTexts } from './explained.ts'

/** A sub-entry that a new entry begins with. Its secrets are not encrypted. */
export interface InitialSubentry {
  readonly kind: CompiledSubentry
  readonly title: string
  readonly uniqueId: string | null
  readonly values: JsonObject
}

/** The options and sub-entries that a new entry begins with. */
export interface InitialContent {
  readonly options: JsonObject
  readonly subentries: readonly InitialSubentry[]
}

/** The content of an entry if `connect` returned neither options nor sub-entries. */
export const NO_CONTENT: InitialContent = { options: {}, subentries: [] }

/**
 * Validates the options and sub-entries that `connect` returned for a new entry, and adds the secrets among them to
 * `secrets`. `most`: the maximum number of sub-entries.
 *
 * @throws UnfitError
 */
export function initialContent(
  compiled: Compiled,
  { options, subentries = [] }: Pick<Connected<unknown>, 'options' | 'subentries'>,
  { secrets, most }: { readonly secrets: string[]; readonly most: number },
): InitialContent {
  if (!Array.isArray(subentries)) throw new UnfitError('/subentries', 'is not a list')
  if (subentries.length > most) throw new UnfitError('/subentries', `has more than ${most} sub-entries`)
  // Before the first error, because a schema can quote a value of another one.
  for (const item of subentries) secrets.push(...secretsOf(compiled, item))
  const shown = new ShownTexts(secrets)
  const items = subentries.map((item: unknown, index) => initialSubentry(compiled, item, { index, shown }))
  assertDistinct(items.map(({ kind: { type }, uniqueId }) => ({ type, uniqueId })))
  return { options: options === undefined ? {} : initialOptions(compiled, options), subentries: items }
}

function initialOptions({ steps, integration }: Compiled, options: unknown): JsonObject {
  const form = steps.get('init')
  if (form === undefined || integration.options === undefined)
    throw new UnfitError('/options', 'is set, but the integration has no options')
  return fittingValues({ form, schema: integration.options, at: ['options'] }, options)
}

function initialSubentry(
  { subentries }: Compiled,
  item: unknown,
  { index, shown }: { readonly index: number; readonly shown: ShownTexts },
): InitialSubentry {
  const at = (...path: readonly PropertyKey[]) => pointerTo(['subentries', index, ...path])
  if (!isPlainObject(item)) throw new UnfitError(at(), 'is not a plain object')
  const { type, title, uniqueId = null, values } = item
  const kind = subentries.get(String(type))
  if (kind === undefined) throw new UnfitError(at('type'), 'is not one of the sub-entry types')
  if (titleFrom(title, null) === null) throw new UnfitError(at('title'), 'is not a visible text')
  if (uniqueId !== null && !isUniqueId(uniqueId))
    throw new UnfitError(at('uniqueId'), 'is neither a non-empty text nor null')
  const fitting = { form: kind.fullForm, schema: kind.schema, at: ['subentries', index, 'values'] }
  return { kind, title: shown.title(title, kind.title), uniqueId, values: fittingValues(fitting, values) }
}

/** Returns the texts in the secret fields of a sub-entry, also if it is invalid. */
function secretsOf({ subentries }: Compiled, item: unknown): string[] {
  if (!isPlainObject(item) || !isPlainObject(item.values)) return []
  const fields = subentries.get(String(item.type))?.fullForm.secrets ?? new Set()
  return Object.entries(item.values).flatMap(([field, value]) => {
    if (value instanceof Secret) return [value.reveal()]
    return fields.has(field) && typeof value === 'string' ? [value] : []
  })
}
