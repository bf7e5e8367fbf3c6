import type { Core } from '../kernel/core.ts'
import type { Entries } from './entries.ts'

/** The entries that may be offline in this process although the store has recorded no failure, by scope. */
export class StrayEntries {
  readonly #entries: Entries
  readonly #ids = new Map<string, Set<string>>()

  constructor({ events }: Core, entries: Entries) {
    this.#entries = entries
    events.on('entry_state_changed', ({ scope, entryId, from, to }) => {
      const isLost = from === 'loaded' && to === 'setup_retry'
      this.#set(scope, entryId, isLost || this.#isStray(scope, entryId))
    })
    events.on('entry_quiet', ({ scope, entryId, quiet }) => this.#set(scope, entryId, quiet))
    events.on('entry_removed', ({ scope, entryId }) => this.#set(scope, entryId, false))
  }

  /** Returns the ids of a scope in order. */
  of(scope: string): readonly string[] {
    return [...(this.#ids.get(scope) ?? [])].sort()
  }

  #isStray(scope: string, entryId: string): boolean {
    const run = this.#entries.running(scope, entryId)
    switch (run?.state) {
      case 'setup_error':
        return run.reason === 'integration_missing'
      case 'not_loaded':
        return !run.lazy
      default:
        return run?.state === 'failed_unload'
    }
  }

  #set(scope: string, entryId: string, isStray: boolean): void {
    const ids = this.#ids.get(scope) ?? new Set()
    if (isStray) this.#ids.set(scope, ids.add(entryId))
    else if (ids.delete(entryId) && ids.size === 0) this.#ids.delete(scope)
  }
}
