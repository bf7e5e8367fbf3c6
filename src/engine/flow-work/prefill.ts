import type { ChoiceValue, FlowEntry } from '../../../machines/flow-result.ts'
import type { Form } from '../../form.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { firstSteps } from '../flow-state/flow-pages.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { addressOf } from '../records/address-of.ts'
import { reauthWhy } from '../records/reauth-why.ts'
import { openSecrets } from '../secrets/vault.ts'

/** Returns the names of stored secrets; none if they cannot be decrypted. */
export async function namesOf(secrets: () => Promise<JsonObject>): Promise<readonly string[]> {
  return secrets().then(Object.keys, () => [])
}

/** Returns the values that the first form of an entry's flow shows: stored or proposed ones, never a secret. */
function prefilled(compiled: Compiled, source: string, entry: EntryRecord): JsonObject {
  const { order, schema, secrets } = compiled.steps.get(firstSteps[source] as string) as Form
  const proposed =
    source === 'reconfigure' && entry.proposal?.dismissed === false ? entry.proposal.values : {}
  const stored = source === 'options' ? entry.options : { ...entry.data, ...proposed }
  const values: Record<string, Json> = {}
  for (const field of order) {
    // A field can have become a secret after the entry was stored.
    if (secrets.has(field)) continue
    // An option that the user has not set shows its default.
    const unset = source === 'options' ? schema.properties[field]?.default : undefined
    const value = Object.hasOwn(stored, field) ? stored[field] : unset
    if (value !== undefined) values[field] = value
  }
  return values
}

/** Returns the values of the fields with choices. */
export function chosenOf(
  { choices }: { readonly choices: ReadonlyMap<string, unknown> },
  values: JsonObject,
): Readonly<Record<string, ChoiceValue>> {
  const chosen: Record<string, ChoiceValue> = {}
  for (const field of choices.keys()) {
    const value = values[field]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      chosen[field] = value
  }
  return chosen
}

/** Returns the data of an entry that its flow needs. */
export async function flowEntryOf(
  core: Core,
  { compiled, source }: { readonly compiled: Compiled; readonly source: string },
  entry: EntryRecord,
): Promise<FlowEntry> {
  const { uniqueId, credentialRevision, title, account } = entry
  const shown = compiled.steps.get(firstSteps[source] as string) as Form
  const mayKeep = source !== 'replace' && shown.secrets.size > 0
  const message = source === 'reauth' ? entry.reauth?.message : undefined
  const address = entry.address ?? addressOf(compiled, entry.data)
  const values = prefilled(compiled, source, entry)
  return {
    ...{ uniqueId, credentialRevision, title, values },
    // The new account does not have the choices of the replaced one.
    ...(source !== 'replace' && shown.choices.size > 0 && { chosen: chosenOf(shown, values) }),
    secrets: mayKeep ? await namesOf(() => openSecrets(core, entry)) : [],
    ...(message !== undefined && { message }),
    ...(source === 'reauth' && { why: reauthWhy(core, entry) }),
    ...(account != null && { account }),
    ...(address != null && { address }),
    ...(source === 'reconfigure' && entry.proposal?.dismissed === false && { isMoved: true }),
  }
}
