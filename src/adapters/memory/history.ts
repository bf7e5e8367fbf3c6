import type { AuditRow, Page } from '../../ports/store.ts'

/** The history of one scope in memory. */
export class AuditShelf {
  readonly #rows: AuditRow[] = []
  readonly #byEntry = new Map<string, AuditRow[]>()

  add(row: AuditRow): void {
    this.#rows.push(row)
    if (row.entryId === null) return
    const rows = this.#byEntry.get(row.entryId)
    // A first push into an empty array would make room for seventeen.
    if (rows === undefined) this.#byEntry.set(row.entryId, [row])
    else rows.push(row)
  }

  read(
    entryId: string | null,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Page<AuditRow> {
    const rows = entryId === null ? this.#rows : (this.#byEntry.get(entryId) ?? [])
    const from = after === undefined ? 0 : Number(after)
    const to = from + Math.max(1, limit)
    return { items: rows.slice(from, to), next: to < rows.length ? String(to) : null, unreadable: [] }
  }

  purge(before: number): void {
    const kept = this.#rows.findIndex(({ at }) => at >= before)
    const gone = this.#rows.splice(0, kept < 0 ? this.#rows.length : kept)
    for (const row of gone) {
      if (row.entryId === null) continue
      const rows = this.#byEntry.get(row.entryId)?.filter((one) => one !== row) ?? []
      if (rows.length > 0) this.#byEntry.set(row.entryId, rows)
      else this.#byEntry.delete(row.entryId)
    }
  }
}
