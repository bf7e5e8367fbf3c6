import type { AuditQuery, AuditRow } from '../../ports/history.ts'
import type { Page } from '../../ports/store.ts'

/** The history of a scope, by entry and as a whole. */
export class HistoryTable {
  readonly #rows = new Map<string | null, AuditRow[]>()

  add(row: AuditRow): void {
    for (const key of new Set([null, row.entryId])) {
      const rows = this.#rows.get(key)
      // A push into an empty array would reserve room for 17 rows.
      if (rows === undefined) this.#rows.set(key, [row])
      else rows.push(row)
    }
  }

  page(entryId: string | null, { after, limit, order }: AuditQuery): Page<AuditRow> {
    const rows = this.#rows.get(entryId) ?? []
    const count = Math.max(1, limit)
    if (order === 'newest') {
      const to = Math.min(Number(after ?? rows.length), rows.length)
      const from = Math.max(0, to - count)
      return {
        items: rows.slice(from, to).toReversed(),
        next: from > 0 ? String(from) : null,
        unreadable: [],
      }
    }
    const from = Number(after ?? 0)
    const to = from + count
    return { items: rows.slice(from, to), next: to < rows.length ? String(to) : null, unreadable: [] }
  }

  /** Deletes rows from before a time, at most `limit`. Returns their number. */
  purge(before: number, limit: number): number {
    const rows = this.#rows.get(null) ?? []
    const old = new Set(rows.filter(({ at }) => at < before).slice(0, limit))
    if (old.size === 0) return 0
    this.#rows.clear()
    for (const row of rows) if (!old.has(row)) this.add(row)
    return old.size
  }
}
