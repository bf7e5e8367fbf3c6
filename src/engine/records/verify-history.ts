import type { KeptAuditRow, Store } from '../../ports/store.ts'
import type { HistoryCheck } from '../api/latchkey.ts'

const PAGE = 500

/** Follows the hashes of a scope's history. The oldest row that is kept is taken as it is: what it followed is gone. */
export async function verifyHistory(store: Store, scope: string): Promise<HistoryCheck> {
  let rows = 0
  let before: string | null = null
  const unreadable: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.readAudit(scope, null, { limit: PAGE, ...(after !== undefined && { after }) })
    unreadable.push(...page.unreadable)
    for (const row of page.items) {
      rows++
      if (before !== null && row.hash !== (await hashOf(before, row)))
        return { rows, broken: row, unreadable }
      before = row.hash
    }
    if (page.next === null) return { rows, broken: null, unreadable }
    after = page.next
  }
}

async function hashOf(before: string, { hash: _, ...row }: KeptAuditRow): Promise<string> {
  const text = new TextEncoder().encode(`${before}\n${JSON.stringify(row)}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
