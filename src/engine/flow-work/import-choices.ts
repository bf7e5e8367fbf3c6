import type { CheckFailed, FlowAborted } from '../../../machines/check-result.ts'
import { Draft, type DraftContent } from '../../../machines/draft.ts'
import type { FindChoicesResult } from '../../../machines/flow-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import { pagesOf } from '../flow-state/flow-pages.ts'
import { unlistedIn } from '../integrations/choices.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FormPage } from '../integrations/pages.ts'
import type { ChoicesOfPage } from './choice-actors.ts'
import type { Importing } from './importing.ts'

/** Returns the fields of a page that have a value and choices of the service. */
const loadedIn = ({ form }: FormPage, values: JsonObject): readonly string[] =>
  [...form.choices].flatMap(([field, list]) => (list === null && Object.hasOwn(values, field) ? [field] : []))

/**
 * Loads the choices of the imported fields, page by page as a form does. Returns why the import ends; null if the service
 * offers all values, and for other flows.
 */
export async function checkImported(
  { compiled, importing }: { readonly compiled: Compiled; readonly importing?: Importing },
  { values }: DraftContent,
  find: (page: ChoicesOfPage) => Promise<FindChoicesResult>,
): Promise<CheckFailed | FlowAborted | null> {
  if (importing === undefined) return null
  for (const [index, page] of pagesOf(compiled, { source: 'import', context: {} }).entries()) {
    const fields = 'form' in page && page.isSelection !== true ? loadedIn(page, values as JsonObject) : []
    if (fields.length === 0) continue
    const found = await find({
      page: index,
      draft: new Draft({ values }),
      values: {},
      subentry: null,
      fields,
    })
    if (!('choices' in found)) return found as CheckFailed | FlowAborted
    const [field] = unlistedIn(new Map(Object.entries(found.choices)), values as JsonObject)
    if (field === undefined) continue
    importing.unlisted = field
    return { type: 'failed', error: 'invalid_value' }
  }
  return null
}
