import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { normalizedValue } from '../integrations/values.ts'

/** Maximum number of dismissed addresses that an entry stores in addition to its proposal. */
const MAX_DISMISSED = 10

/** Whether the fields of an address have the same values in `data`, in any spelling. */
export const isSameAddress = (method: Compiled, address: JsonObject, data: JsonObject): boolean =>
  Object.entries(address).every(
    ([field, value]) => normalizedValue(method, field, value) === normalizedValue(method, field, data[field]),
  )

/** Returns the address of a proposal that is open, or that the entry follows; null without one. */
export const pendingOf = ({ proposal }: EntryRecord): JsonObject | null =>
  proposal?.dismissed === false || proposal?.followed === true ? proposal.values : null

/** Returns the addresses that the user has dismissed. */
export const dismissedOf = ({ proposal, dismissedAddresses = [] }: EntryRecord): readonly JsonObject[] =>
  proposal?.dismissed === true && proposal.followed !== true
    ? [...dismissedAddresses, proposal.values]
    : dismissedAddresses

/** Returns the members of an entry without its proposal. A dismissed address stays dismissed, unless it is `used`. */
export function withoutProposal(
  entry: EntryRecord,
  isUsed: (address: JsonObject) => boolean = () => false,
): Pick<EntryRecord, 'proposal' | 'dismissedAddresses'> {
  if (entry.proposal == null && entry.dismissedAddresses === undefined) return {}
  const dismissed = dismissedOf(entry).filter((address) => !isUsed(address))
  return { proposal: null, dismissedAddresses: dismissed.slice(-MAX_DISMISSED) }
}
