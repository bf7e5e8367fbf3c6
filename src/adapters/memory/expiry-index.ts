import type { EntryRecord, Expiring } from '../../ports/store.ts'
import { SortedIds } from './sorted-ids.ts'

const PIECE = 100

/** Entries by when their credential ends. */
export class ExpiryIndex {
  readonly #keys = new SortedIds()

  /** An entry's row is another one now, or is gone. */
  move(before: EntryRecord | undefined, next: EntryRecord | undefined): void {
    if (before?.expiresAt === next?.expiresAt) return
    if (before?.expiresAt != null) this.#keys.delete(keyOf(before.expiresAt, before))
    if (next?.expiresAt != null) this.#keys.add(keyOf(next.expiresAt, next))
  }

  find(from: number, until: number): Expiring[] {
    const found: Expiring[] = []
    const last = keyOf(until + 1)
    let after = keyOf(from + 1)
    for (;;) {
      const keys = this.#keys.page(after, PIECE)
      for (const key of keys) {
        if (key >= last) return found
        const [scope, entryId] = JSON.parse(key.slice(DIGITS)) as [string, string]
        found.push({ scope, entryId })
        after = key
      }
      if (keys.length < PIECE) return found
    }
  }
}

const DIGITS = 17

/** Sorts by time; without an entry it lies before all entries of that time. */
const keyOf = (at: number, entry?: Expiring): string => {
  const time = String(Math.max(0, at)).padStart(DIGITS - 1, '0')
  return entry === undefined ? time : `${time} ${JSON.stringify([entry.scope, entry.entryId])}`
}
