import type { ConfigFlowContext, ConfigFlowOutput } from '../../../machines/config-flow-types.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'
import type { NamedByEnd } from './flow-record.ts'

/** The sources of flows that create an entry. */
const creating: ReadonlySet<string> = new Set(['user', 'discovery', 'import'])

/**
 * Returns the accounts and entries that the view of a result names. Names only inform the user: without the store, the
 * result has none.
 */
export async function namedByEnd(
  { store }: Core,
  { scope, domain, source }: FlowRecord,
  { entry, other, params }: ConfigFlowContext,
  { entryId, reason }: ConfigFlowOutput,
): Promise<NamedByEnd> {
  if (reason === 'already_configured' && entryId !== null && creating.has(source)) {
    const existing = await store.getEntry(scope, entryId).catch(ignore)
    return existing == null ? {} : { existing: { entryId, title: existing.title } }
  }
  if (params !== undefined) return { params }
  if (reason !== 'wrong_account' || entry === null || entryId === null || other === undefined) return {}
  const { title, uniqueId } = other
  const own = entry.account ?? entry.title
  // Two accounts with the same name differ only by their ids.
  const isAmbiguous = entry.title === title && own === other.account
  const query = { domain, uniqueId: uniqueId ?? '', limit: 1 }
  const holder = (await store.findEntries(scope, query).catch(ignore))?.items[0]
  return {
    accounts: {
      expected: { title: entry.title, account: (isAmbiguous ? entry.uniqueId : null) ?? own, entryId },
      found: {
        title,
        account: (isAmbiguous ? uniqueId : null) ?? other.account,
        ...(holder !== undefined && { entryId: holder.entryId }),
      },
    },
  }
}
