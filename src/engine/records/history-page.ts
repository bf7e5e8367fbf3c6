import type { AuditQuery, AuditRow } from '../../ports/history.ts'
import type { Page, Store } from '../../ports/store.ts'

/** The maximum number of pages of the store that one page of some kinds reads. */
const MAX_READS = 10

/**
 * Returns a page of the history of an entry. With `kinds`, only rows of these kinds: the page can be shorter than its limit,
 * or empty, although another one follows. The cost does not depend on the length of the history.
 *
 * @throws StoreError
 */
export async function historyPage(
  store: Store,
  { scope, entryId }: { readonly scope: string; readonly entryId: string },
  { kinds, ...query }: AuditQuery & { readonly kinds?: readonly string[] },
): Promise<Page<AuditRow>> {
  let page = await store.readAudit(scope, entryId, query)
  if (kinds === undefined) return page
  const unreadable = [...page.unreadable]
  const isWanted = ({ kind }: AuditRow) => kinds.includes(kind)
  for (let reads = 1; page.next !== null && reads < MAX_READS && !page.items.some(isWanted); reads += 1) {
    page = await store.readAudit(scope, entryId, { ...query, after: page.next })
    unreadable.push(...page.unreadable)
  }
  return { ...page, items: page.items.filter(isWanted), unreadable }
}
