import { ConfigurationError } from '../errors.ts'
import { numberProblem } from '../number-rules.ts'
import type { Clock } from '../ports/clock.ts'
import type { StopOptions } from './api/latchkey.ts'
import { Timeout } from './lib/deadline.ts'

/** The end of an engine: it is not ready first, and stops after a delay. */
export class Shutdown {
  readonly #clock: Clock
  readonly #stop: () => Promise<void>
  #ending: Promise<void> | null = null
  #endDelay: (() => void) | null = null

  constructor(clock: Clock, stop: () => Promise<void>) {
    this.#clock = clock
    this.#stop = stop
  }

  /** Whether the end has begun. */
  get begun(): boolean {
    return this.#ending !== null
  }

  /** Stops the engine once. A later call without a delay ends the delay of an earlier one. */
  async begin({ delay = 0 }: StopOptions = {}): Promise<void> {
    const problem = numberProblem('delay of stop()', delay, 'lead')
    if (problem !== null) throw new ConfigurationError(problem)
    if (delay === 0) this.#endDelay?.()
    this.#ending ??= delay === 0 ? this.#stop() : this.#stopAfter(delay)
    await this.#ending
  }

  async #stopAfter(delay: number): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    this.#endDelay = resolve
    const timeout = new Timeout(this.#clock, delay)
    await Promise.race([timeout.elapsed, ended])
    timeout.clear()
    await this.#stop()
  }
}
