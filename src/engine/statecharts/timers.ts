import type { EventObject } from 'xstate'
import type { Clock } from '../../ports/clock.ts'
import { unref } from '../lib/long-clock.ts'
import type { TimerChange } from './effects.ts'

/** The timers of one machine. */
export class Timers {
  readonly #clock: Clock
  readonly #idle: ReadonlySet<string>
  readonly #send: (event: EventObject) => void
  readonly #running = new Map<string, unknown>()

  /** `idle`: the events whose timers do not keep the process alive. */
  constructor(clock: Clock, idle: ReadonlySet<string>, send: (event: EventObject) => void) {
    this.#clock = clock
    this.#idle = idle
    this.#send = send
  }

  /** Whether no timer is running. */
  get areOver(): boolean {
    return this.#running.size === 0
  }

  /** Starts and clears timers as a step lists them. */
  apply(changes: readonly TimerChange[]): void {
    for (const change of changes) {
      this.#clear(change.id)
      if (change.type === 'start') this.#wait(change)
    }
  }

  /** Clears all timers. */
  stop(): void {
    for (const id of [...this.#running.keys()]) this.#clear(id)
  }

  #wait({ id, delay, event }: TimerChange & { readonly type: 'start' }): void {
    const started = this.#clock.setTimeout(() => {
      this.#running.delete(id)
      this.#send(event)
    }, delay)
    if (this.#idle.has(event.type)) unref(started)
    this.#running.set(id, started)
  }

  #clear(id: string): void {
    if (!this.#running.has(id)) return
    this.#clock.clearTimeout(this.#running.get(id))
    this.#running.delete(id)
  }
}
