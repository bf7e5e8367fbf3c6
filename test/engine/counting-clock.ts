import { SimulatedClock } from 'xstate'

/** A clock that counts the timers that run. */
export class CountingClock extends SimulatedClock {
  readonly #running = new Set<unknown>()

  constructor() {
    super()
    this.set(1_000_000)
  }

  get running(): number {
    return this.#running.size
  }

  override setTimeout(run: () => void, milliseconds: number): number {
    const timer = super.setTimeout(() => {
      this.#running.delete(timer)
      run()
    }, milliseconds)
    this.#running.add(timer)
    return timer
  }

  override clearTimeout(timer: number): void {
    this.#running.delete(timer)
    super.clearTimeout(timer)
  }
}
