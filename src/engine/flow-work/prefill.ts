import type { Form } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'

/** The first step of a flow that is about an entry, by its source. */
const firstSteps: Readonly<Record<string, string>> = {
  reauth: 'reauth_confirm',
  reconfigure: 'reconfigure',
  replace: 'replace',
  options: 'init',
}

/** What the form of an entry's flow shows at first: what is stored of its fields, or proposed, and never a secret. */
export function prefilled(compiled: Compiled, source: string, entry: EntryRecord): JsonObject {
  const { order, schema } = compiled.steps.get(firstSteps[source] as string) as Form
  const proposed =
    source === 'reconfigure' && entry.proposal?.dismissed === false ? entry.proposal.values : {}
  const stored = source === 'options' ? entry.options : { ...entry.data, ...proposed }
  const values: Record<string, Json> = {}
  for (const field of order) {
    // An option that nobody has set is shown as what it is then.
    const unset = source === 'options' ? schema.properties[field]?.default : undefined
    const value = Object.hasOwn(stored, field) ? stored[field] : unset
    if (value !== undefined) values[field] = value
  }
  return values
}
