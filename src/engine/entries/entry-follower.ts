import { UnknownEntryError, UnreadableRecordError } from '../../errors.ts'
import type { LatchkeyEvents } from '../api/events.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import type { EntryRun } from './entry-run.ts'

/** The most entries that are compared with their records at the same time. */
const MAX_CONCURRENT = 32

/** The functions of `Entries` that this file needs. */
interface ComparedEntries {
  running(scope: string, entryId: string): EntryRun | undefined
  runs(): Iterable<EntryRun>
  noticeChange(scope: string, entryId: string): void
  /** Updates a running entry if its record has changed. */
  compare(run: EntryRun): Promise<void>
}

/** Updates running entries as soon as another process has changed their records. */
export class EntryFollower {
  readonly #core: Core
  readonly #entries: ComparedEntries
  /** By scope: the number of running entries, and the end of the feed. */
  readonly #scopes = new Map<string, { runs: number; readonly stop: () => void }>()
  readonly #waiting = new Set<EntryRun>()
  readonly #working = new Set<Promise<void>>()

  constructor(core: Core, entries: ComparedEntries) {
    this.#core = core
    this.#entries = entries
    core.events.on('other_process_changed', (changes) => this.#changed(changes))
  }

  /** Hears the changes of a scope while it has running entries. */
  added({ scope }: EntryRun): void {
    const heard = this.#scopes.get(scope)
    if (heard !== undefined) heard.runs++
    else this.#scopes.set(scope, { runs: 1, stop: this.#core.changes.hear(scope) })
  }

  removed({ scope }: EntryRun): void {
    const heard = this.#scopes.get(scope)
    if (heard === undefined || --heard.runs > 0) return
    this.#scopes.delete(scope)
    heard.stop()
  }

  /** Resolves when all comparisons have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#working)
  }

  #changed({ scope, entryIds, reset }: LatchkeyEvents['other_process_changed']): void {
    const runs = reset
      ? [...this.#entries.runs()].filter((run) => run.scope === scope)
      : entryIds.map((entryId) => this.#entries.running(scope, entryId))
    for (const run of runs) {
      if (run === undefined) continue
      this.#entries.noticeChange(scope, run.entryId)
      this.#waiting.add(run)
    }
    while (this.#working.size < MAX_CONCURRENT && this.#waiting.size > 0) {
      const work = this.#compareWaiting().finally(() => this.#working.delete(work))
      this.#working.add(work)
    }
  }

  async #compareWaiting(): Promise<void> {
    for (const run of this.#waiting) {
      this.#waiting.delete(run)
      await this.#compare(run)
    }
  }

  async #compare(run: EntryRun): Promise<void> {
    const { scope, entryId } = run
    try {
      await this.#entries.compare(run)
    } catch (error) {
      // A removed entry was dropped, and a damaged one is in the attention list.
      if (error instanceof UnknownEntryError || error instanceof UnreadableRecordError) return
      const fields = { scope, entryId, error: loggedError(error) }
      // The next use of the entry compares it again.
      this.#core.log.warn(fields, 'An entry that another process has changed could not be read.')
    }
  }
}
