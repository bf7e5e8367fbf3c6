import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import type { LinkedEntry } from '../../../machines/flow-result.ts'
import { mayRepair } from '../../../machines/may-repair.ts'
import { Secret } from '../../authoring/secret.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { isReadable } from '../records/entry-record.ts'
import { versionMisfit } from '../records/entry-versions.ts'
import { findMatching } from '../records/match-keys.ts'
import { openSecrets } from '../secrets/vault.ts'

const factsOf = (entry: EntryRecord): LinkedEntry => ({
  entryId: entry.entryId,
  uniqueId: entry.uniqueId,
  credentialRevision: entry.credentialRevision,
  title: entry.title,
  values: {},
  needsReauth: entry.reauth !== null,
  disabled: entry.disabled,
  ignored: entry.ignored ?? false,
})

/** Returns the data of the entry that an account already has; null if it is not of the version of its integration. */
export function linkedEntry(core: Core, entry: EntryRecord): LinkedEntry | null {
  const isCurrent = isReadable(entry) && versionMisfit(integrationOf(core, entry.domain), entry) === null
  return isCurrent ? factsOf(entry) : null
}

/** Returns the first entry that has one of these unique ids of an account; null without one. @throws StoreError */
export async function formerEntry(
  { store }: Core,
  { scope, domain }: Pick<EntryRecord, 'scope' | 'domain'>,
  uniqueIds: readonly string[],
): Promise<EntryRecord | null> {
  for (const uniqueId of uniqueIds) {
    const [entry] = (await store.findEntries(scope, { domain, uniqueId, limit: 1 })).items
    if (entry !== undefined) return entry
  }
  return null
}

/** Whether the flow may repair an entry, if its account is the same. */
export const isRepairable = (source: ConfigFlowSource, entry: EntryRecord): boolean =>
  isReadable(entry) && mayRepair(source, factsOf(entry))

/** The number of entries that are compared at a time. */
const PAGE_SIZE = 100

/**
 * Returns the id of the entry that the service has refused with these values; null without one. Values that
 * `exchange` replaces cannot be compared.
 */
async function refusedWith(
  core: Core,
  compiled: Compiled,
  scope: string,
  values: JsonObject,
): Promise<string | null> {
  if (compiled.integration.exchange !== undefined) return null
  const { domain, method, methods } = compiled
  const submitted = parsed(compiled, values)
  let after: string | undefined
  do {
    const query = { domain, needs: true, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
    const page = await core.store.findEntries(scope, query)
    for (const entry of page.items) {
      const isRefused = isReadable(entry) && entry.rejectedRevision === entry.credentialRevision
      if (!isRefused || (methods.size > 0 && entry.method !== method)) continue
      const secrets = await openSecrets(core, entry).catch(() => null)
      if (secrets !== null && jsonEqual(parsed(compiled, { ...entry.data, ...secrets }), submitted))
        return entry.entryId
    }
    after = page.next ?? undefined
  } while (after !== undefined)
  return null
}

/** Returns the values as `connect` receives them, so that two spellings are equal. */
function parsed({ storedSchema }: Compiled, values: JsonObject): JsonObject {
  const result = storedSchema.safeParse(values)
  if (!result.success) return values
  const plain = Object.entries(result.data).map(([field, value]) => [
    field,
    value instanceof Secret ? value.reveal() : value,
  ])
  return JSON.parse(JSON.stringify(Object.fromEntries(plain))) as JsonObject
}

/** A flow of an integration. */
interface Flow {
  readonly core: Core
  readonly compiled: Compiled
  readonly flow: FlowRecord
  /** The entry of the flow; null for a new one. */
  readonly entry: EntryRecord | null
}

/**
 * Returns the entry with the same match key or the same refused values as a new link, which then makes no login; null
 * without one.
 */
export async function knownBy(
  { core, compiled, flow, entry }: Flow,
  values: JsonObject,
): Promise<string | null> {
  if (entry !== null) return null
  const { scope } = flow
  const source = flow.source as ConfigFlowSource
  if (source === 'import') {
    const refused = await refusedWith(core, compiled, scope, values)
    if (refused !== null) return refused
  }
  const other = await findMatching({ core, scope, compiled }, values)
  return other === undefined || isRepairable(source, other) ? null : other.entryId
}
