import type { StoredCounts } from '../../ports/query.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { NO_ENTRIES, statusOf } from '../entry-status.ts'
import { needsPerson } from '../needs-person.ts'

/** Whether an entry can need attention. */
export const isActive = (entry: EntryRecord): boolean =>
  !['ignored', 'disabled'].includes(statusOf(entry) ?? '')

/** Counts the entries of a scope. */
export class EntryCounts {
  readonly #counts = { ...NO_ENTRIES }

  /** Adds an entry, or removes it. */
  add(entry: EntryRecord, by: 1 | -1): void {
    const status = statusOf(entry)
    this.#counts.all += by
    if (status !== null) this.#counts[status] += by
    if (needsPerson(entry) && isActive(entry)) this.#counts.attention += by
  }

  /** Returns the counts with the number of entries that need attention because their credential expires. */
  with(expiring: number): StoredCounts {
    return { ...this.#counts, attention: this.#counts.attention + expiring }
  }
}
