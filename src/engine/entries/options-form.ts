import type { JsonObject } from '../../ports/json.ts'
import type { View } from '../../view.ts'
import { flowEntryOf } from '../flow-work/prefill.ts'
import type { Core } from '../kernel/core.ts'
import type { Entries } from './entries.ts'

/**
 * Returns the form of the options of an entry with their values, as the first step of an options flow has it. No flow is
 * opened. Null if the integration is not registered, has no options, or if they have several pages or choices that the service
 * provides.
 *
 * @throws UnknownEntryError
 */
export async function optionsForm(
  core: Core,
  entries: Pick<Entries, 'read'>,
  { scope, entryId }: { readonly scope: string; readonly entryId: string },
): Promise<View | null> {
  const entry = await entries.read(scope, entryId)
  const { domain, title } = entry
  const compiled = core.integrations.get(domain)
  const [page, ...others] = compiled?.stepPages.get('init') ?? []
  if (compiled === undefined || page?.kind !== 'form' || others.length > 0) return null
  const { form } = page
  const { values, address, account = title } = await flowEntryOf(core, { compiled, source: 'options' }, entry)
  return core.languages.localizer.view({
    type: 'form',
    ...{ flowId: '', machine: 'optionsFlow', domain, source: 'options', entryId, revision: 0 },
    ...{ step: 'init', placeholders: { name: title }, errors: {} },
    ...{ schema: form.schema, order: form.order, values: values as JsonObject },
    ...(address !== undefined && { address }),
    ...{ account, lastStep: true, mayGoBack: false, expiresAt: null },
  })
}
