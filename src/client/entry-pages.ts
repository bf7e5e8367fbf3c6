import type { EntryPage, EntryView } from '../engine/api/entries.ts'
import type { Change } from './client-state.ts'
import { backoff, isRefused, pause, type RetryTiming } from './retry.ts'

/** Reads the page of entries after an id. */
export type ReadEntries = (after: string | undefined, signal: AbortSignal) => Promise<EntryPage>

/** Reads all entries page by page after a snapshot, while the stream sends changes of them. */
export class EntryPages {
  readonly #read: ReadEntries
  readonly #timing: RetryTiming
  readonly #apply: (change: Change) => void
  /** The ids of the entries that were read, or that the stream has sent. */
  readonly #seen = new Set<string>()
  /** The ids that the stream has sent since the page was requested. The page does not replace them. */
  readonly #sent = new Set<string>()

  constructor(read: ReadEntries, timing: RetryTiming, apply: (change: Change) => void) {
    this.#read = read
    this.#timing = timing
    this.#apply = apply
  }

  /** Records a change that the stream has sent. */
  sent({ type, data }: Change): void {
    if (type !== 'entry' && type !== 'entry_removed') return
    this.#sent.add(data.entryId)
    this.#seen.add(data.entryId)
  }

  /**
   * Reads all pages. A failed request is repeated. `known`: returns the ids in the state. An empty scope needs no request.
   */
  async read(known: () => Iterable<string>, isEmpty: boolean, signal: AbortSignal): Promise<void> {
    if (isEmpty) return this.#apply({ type: 'entries', data: { items: [], gone: this.#goneOf([], known()) } })
    let after: string | null | undefined
    for (let failures = 0; after !== null && !signal.aborted; ) {
      try {
        const { items, next } = await this.#read(after, signal)
        if (signal.aborted) return
        failures = 0
        after = next
        const gone = next === null ? this.#goneOf(items, known()) : undefined
        const fresh = items.filter(({ entryId }) => !this.#sent.has(entryId))
        for (const { entryId } of items) this.#seen.add(entryId)
        this.#sent.clear()
        this.#apply({ type: 'entries', data: { items: fresh, ...(gone && { gone }) } })
      } catch (error) {
        if (signal.aborted || isRefused(error)) return
        await pause(backoff(this.#timing, failures++, error), signal)
      }
    }
  }

  /** Returns the known ids that no page had. */
  #goneOf(last: readonly EntryView[], known: Iterable<string>): string[] {
    const listed = new Set(last.map(({ entryId }) => entryId))
    return [...known].filter((id) => !this.#seen.has(id) && !listed.has(id))
  }
}
