import type { Core } from '../kernel/core.ts'
import { KeyedSemaphore } from '../lib/keyed-semaphore.ts'
import { Attempts, type AttemptsKey } from './attempts.ts'

/** A permitted attempt. Call `leave` after it. */
interface Attempt {
  readonly attempts: Attempts
  readonly leave: () => void
}

/** Limits the concurrent attempts of one budget in this process, so that together they cannot exceed it. */
export class AttemptsGate {
  readonly #core: Core
  readonly #gate = new KeyedSemaphore()

  constructor(core: Core) {
    this.#core = core
  }

  /** Returns an attempt that does not count, for checks that do not contact the service. */
  pass(key: AttemptsKey): Attempt {
    return { attempts: Attempts.none(this.#core, key), leave: () => {} }
  }

  /** Waits until the budget has room for another attempt. Does not wait if the budget is exhausted. */
  async enter(key: AttemptsKey): Promise<Attempt> {
    for (;;) {
      const attempts = await Attempts.read(this.#core, key)
      if (attempts.blockedUntil !== null) return { attempts, leave: () => {} }
      const { id } = attempts
      if (this.#gate.enter(id, attempts.room)) return { attempts, leave: () => this.#gate.leave(id) }
      await this.#gate.someoneLeft(id)
    }
  }
}
