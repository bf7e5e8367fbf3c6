import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { Readiness } from './api/latchkey.ts'
import { endsWithin, Timeout } from './lib/deadline.ts'

/** The time of the store to answer in milliseconds. */
const TIMEOUT = 2_000

/** Checks whether the store answers. */
export class StoreCheck {
  readonly #store: Store
  readonly #clock: Clock
  #running: Promise<Readiness> | null = null

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /** Reads one row. Simultaneous calls share a read, so that probes do not add up while the store is slow. */
  run(): Promise<Readiness> {
    this.#running ??= this.#read().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #read(): Promise<Readiness> {
    const timeout = new Timeout(this.#clock, TIMEOUT)
    try {
      const answered = await endsWithin(timeout, this.#store.getEntryRow('default', 'readiness'))
      return answered ? { ready: true, reason: null } : { ready: false, reason: 'store' }
    } catch {
      return { ready: false, reason: 'store' }
    } finally {
      timeout.clear()
    }
  }
}
