import type { AuditRow, KeptAuditRow, Page } from '../ports/store.ts'
import { deepFreeze } from './deep-freeze.ts'

/** The history of one scope in memory. Its hashes are worked out when it is read, and kept. */
export class AuditShelf {
  readonly #rows: AuditRow[] = []
  readonly #byEntry = new Map<string, AuditRow[]>()
  readonly #hashes = new WeakMap<AuditRow, string>()
  /** Up to where the chain is worked out, and its last hash. */
  #chained = 0
  #last = ''
  #chaining: Promise<void> = Promise.resolve()

  add(row: AuditRow): void {
    this.#rows.push(row)
    if (row.entryId === null) return
    const rows = this.#byEntry.get(row.entryId)
    // A first push into an empty array would make room for seventeen.
    if (rows === undefined) this.#byEntry.set(row.entryId, [row])
    else rows.push(row)
  }

  async read(
    entryId: string | null,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<Page<KeptAuditRow>> {
    this.#chaining = this.#chaining.then(() => this.#chain())
    await this.#chaining
    const rows = entryId === null ? this.#rows : (this.#byEntry.get(entryId) ?? [])
    const from = after === undefined ? 0 : Number(after)
    const to = from + Math.max(1, limit)
    const items = rows
      .slice(from, to)
      .map((row) => deepFreeze({ ...row, hash: this.#hashes.get(row) ?? null }))
    return { items, next: to < rows.length ? String(to) : null, unreadable: [] }
  }

  async purge(before: number): Promise<void> {
    this.#chaining = this.#chaining.then(() => this.#chain())
    await this.#chaining
    const kept = this.#rows.findIndex(({ at }) => at >= before)
    const gone = this.#rows.splice(0, kept < 0 ? this.#rows.length : kept)
    this.#chained -= gone.length
    for (const row of gone) {
      if (row.entryId === null) continue
      const rows = this.#byEntry.get(row.entryId)?.filter((one) => one !== row) ?? []
      if (rows.length > 0) this.#byEntry.set(row.entryId, rows)
      else this.#byEntry.delete(row.entryId)
    }
  }

  async #chain(): Promise<void> {
    const encoder = new TextEncoder()
    for (let row = this.#rows[this.#chained]; row !== undefined; row = this.#rows[this.#chained]) {
      const text = encoder.encode(`${this.#last}\n${JSON.stringify(row)}`)
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
      this.#last = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      this.#hashes.set(row, this.#last)
      this.#chained++
    }
  }
}
