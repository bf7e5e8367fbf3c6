import type { EntryRecord } from '../../ports/store.ts'
import { methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { valuesBefore } from '../secrets/sealed-values.ts'
import { type RemovalPut, removalWrites } from './removal-record.ts'

/**
 * Returns the removals of the grants that an entry loses by a write: its current one, and the one before a reconfiguration.
 * `after` is the entry after the write; null if it is removed or gets another account. A new grant of the same account
 * replaces another one only if its prepared values, such as a registered client, differ.
 */
export function lostGrants(
  core: Core,
  before: EntryRecord,
  after: EntryRecord | null,
): readonly RemovalPut[] {
  const staysLinked = after !== null
  const kept = after === null ? [] : [after, ...formerOf(after)]
  const losesOwn = after === null || isLost(core, before, kept)
  const own = losesOwn ? removalWrites(core, before, { isTold: staysLinked, staysLinked }) : []
  const former = formerOf(before)
    .filter((each) => isLost(core, each, [before, ...kept]))
    .flatMap((each) => removalWrites(core, each, { isTold: true, staysLinked, suffix: '/previous' }))
  return [...own, ...former]
}

/** Returns an entry with its values before a reconfiguration that may be rolled back; empty without them. */
function formerOf(entry: EntryRecord): readonly EntryRecord[] {
  const { previous } = entry
  return previous?.why === 'reconfigured' ? [{ ...entry, ...valuesBefore(entry, previous) }] : []
}

/** Whether a grant has prepared values that no other one has. */
function isLost(core: Core, { domain, method, data }: EntryRecord, others: readonly EntryRecord[]): boolean {
  const integration = core.integrations.get(domain)
  const names = (integration && methodOf(integration, method).integration.authorize?.preparedFields) ?? []
  const isPrepared = names.length > 0 && names.every((name) => data[name] !== undefined)
  const isOther = (other: EntryRecord) => names.some((name) => !jsonEqual(data[name], other.data[name]))
  return isPrepared && others.every(isOther)
}
