import type { EventObject } from 'xstate'
import type { Clock } from '../../ports/clock.ts'
import type { TimerChange } from './effects.ts'

/** The longest delay of `setTimeout` in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** The timers of one machine. A delay that `setTimeout` does not support waits in several steps. */
export class Timers {
  readonly #clock: Clock
  readonly #idle: ReadonlySet<string>
  readonly #send: (event: EventObject) => void
  readonly #running = new Map<string, unknown>()
  #stopped = false

  /** `idle`: the events whose timers do not keep the process alive. */
  constructor(clock: Clock, idle: ReadonlySet<string>, send: (event: EventObject) => void) {
    this.#clock = clock
    this.#idle = idle
    this.#send = send
  }

  /** Starts and clears timers as a step lists them. After {@link stop}, none is started. */
  apply(changes: readonly TimerChange[]): void {
    for (const change of changes) {
      this.#clear(change.id)
      if (change.type === 'start' && !this.#stopped) this.#wait(change, change.delay)
    }
  }

  /** Clears all timers. */
  stop(): void {
    this.#stopped = true
    for (const id of [...this.#running.keys()]) this.#clear(id)
  }

  #wait(timer: TimerChange & { readonly type: 'start' }, rest: number): void {
    const wait = Math.min(rest, LONGEST)
    const fire = () => {
      if (rest > wait) return this.#wait(timer, rest - wait)
      this.#running.delete(timer.id)
      this.#send(timer.event)
    }
    const started = this.#clock.setTimeout(fire, wait)
    if (this.#idle.has(timer.event.type)) unref(started)
    this.#running.set(timer.id, started)
  }

  #clear(id: string): void {
    if (!this.#running.has(id)) return
    this.#clock.clearTimeout(this.#running.get(id))
    this.#running.delete(id)
  }
}

/** Lets the process end while a timer of Node.js runs. */
function unref(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}
