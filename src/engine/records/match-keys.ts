import type * as z from 'zod'
import { isAddressField } from '../../authoring/field.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { matchKeyOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { isReadable, ownEntry } from './entry-record.ts'

const PAGE_SIZE = 500

/** The scopes and domains whose match keys were checked, by engine. */
const checked = new WeakMap<Core, Set<string>>()

/** An integration in one scope. */
interface Place {
  readonly core: Core
  readonly scope: string
  readonly compiled: Compiled
}

/**
 * Returns the entry that `abortIfEntriesMatch` finds for the values; undefined without one. @throws StoreError
 */
export async function findMatching(place: Place, values: JsonObject): Promise<EntryRecord | undefined> {
  const { core, scope, compiled } = place
  if (compiled.integration.abortIfEntriesMatch === undefined) return undefined
  const matchKey = (await matchKeyOf(compiled, values)) as string
  await replaceOldKeys(place)
  const query = { domain: compiled.domain, matchKey, limit: 1 }
  return (await core.store.findEntries(scope, query)).items[0]
}

/**
 * Computes the match keys of existing entries again, once for each scope and integration with an address in its key.
 * Releases before addresses had a normal form have stored a key per spelling.
 *
 * @throws StoreError
 */
export async function replaceOldKeys({ core, scope, compiled }: Place): Promise<void> {
  const { domain, integration, schema } = compiled
  const isAddress = (field: string) => isAddressField(schema.shape[field] as z.ZodType)
  if (integration.abortIfEntriesMatch?.some(isAddress) !== true) return
  const done = checked.get(core) ?? new Set()
  checked.set(core, done)
  const place = JSON.stringify([scope, domain])
  if (done.has(place)) return
  let after: string | undefined
  do {
    const query = { domain, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
    const page = await core.store.findEntries(scope, query)
    for (const entry of page.items) await replaceOldKey(core, compiled, entry)
    after = page.next ?? undefined
  } while (after !== undefined)
  done.add(place)
}

async function replaceOldKey({ store, clock }: Core, compiled: Compiled, entry: EntryRecord): Promise<void> {
  let stored: EntryRecord | undefined = entry
  // A migration computes the key of an entry of another version.
  while (stored?.matchKey !== undefined && isReadable(stored) && stored.version === compiled.version) {
    const { scope, entryId, method, data, revision } = stored
    const matchKey = await matchKeyOf(methodOf(compiled, method), data)
    if (matchKey === undefined || matchKey === stored.matchKey) return
    const record = ownEntry({ ...stored, matchKey, revision: revision + 1, updatedAt: clock.now() })
    try {
      await store.apply(scope, [{ put: 'entry', record, ifRevision: revision }])
      return
    } catch (error) {
      // Both entries of a host that was linked twice remain, and the other one holds the key.
      if (isTaken(error, 'exclusive')) return
      if (!isConflict(error, 'entry')) throw error
      stored = await store.getEntry(scope, entryId)
    }
  }
}
