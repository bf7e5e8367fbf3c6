import type { Core } from '../kernel/core.ts'
import { KeyedSemaphore } from '../lib/keyed-semaphore.ts'
import { Attempts, type AttemptsOf } from './attempts.ts'

/** A budget, and how to give back the room that was taken in it. */
interface Try {
  readonly attempts: Attempts
  readonly leave: () => void
}

/** Lets no more tries of one budget be under way in this process than it has room for. */
export class AttemptsGate {
  readonly #core: Core
  readonly #gate = new KeyedSemaphore()

  constructor(core: Core) {
    this.#core = core
  }

  /** For a try that no service is asked about: it costs nothing. */
  pass(of: AttemptsOf): Try {
    return { attempts: Attempts.none(this.#core, of), leave: () => {} }
  }

  /** The budget, once it has room for a try beside those that are under way. */
  async enter(of: AttemptsOf): Promise<Try> {
    for (;;) {
      const attempts = await Attempts.read(this.#core, of)
      if (attempts.blockedUntil !== null) return { attempts, leave: () => {} }
      const { key } = attempts
      if (this.#gate.enter(key, attempts.room)) return { attempts, leave: () => this.#gate.leave(key) }
      await this.#gate.someoneLeft(key)
    }
  }
}
