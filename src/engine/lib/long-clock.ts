import type { Clock } from '../../ports/clock.ts'

/** The longest delay of `setTimeout` in milliseconds. A longer one would elapse immediately. */
const LONGEST = 2 ** 31 - 1

/** A wait that is longer than one timer, possibly without an end. */
class LongWait {
  readonly #clock: Clock
  readonly #run: () => void
  #timer: unknown
  #isIdle = false

  constructor(clock: Clock, run: () => void, milliseconds: number) {
    this.#clock = clock
    this.#run = run
    this.#wait(milliseconds)
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** Lets the process end during this wait. */
  unref(): void {
    this.#isIdle = true
    unref(this.#timer)
  }

  #wait(rest: number): void {
    const step = Math.min(rest, LONGEST)
    this.#timer = this.#clock.setTimeout(() => {
      if (rest > step) this.#wait(rest - step)
      else this.#run()
    }, step)
    if (this.#isIdle) unref(this.#timer)
  }
}

/** Returns a clock with timers of any length. `Infinity` waits until the timer is cleared. */
export function longClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (run, milliseconds) =>
      milliseconds > LONGEST ? new LongWait(clock, run, milliseconds) : clock.setTimeout(run, milliseconds),
    clearTimeout: (timer) => (timer instanceof LongWait ? timer.clear() : clock.clearTimeout(timer)),
  }
}

/** Lets the process end while a timer of Node.js runs. */
export function unref(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}
