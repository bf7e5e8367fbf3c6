import type { EventObject } from 'xstate'
import type { Clock } from '../../ports/clock.ts'
import { unref } from '../lib/long-clock.ts'
import type { TimerChange } from './effects.ts'

/** The timers of one machine. */
export class Timers {
  readonly #clock: Clock
  readonly #idle: ReadonlySet<string>
  readonly #send: (event: EventObject) => void
  /** Null without timers: most machines wait without one. */
  #running: Map<string, unknown> | null = null
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
      if (change.type === 'start' && !this.#stopped) this.#wait(change)
    }
  }

  /** Clears all timers. */
  stop(): void {
    this.#stopped = true
    for (const id of [...(this.#running?.keys() ?? [])]) this.#clear(id)
  }

  #wait({ id, delay, event }: TimerChange & { readonly type: 'start' }): void {
    const started = this.#clock.setTimeout(() => {
      this.#forget(id)
      this.#send(event)
    }, delay)
    if (this.#idle.has(event.type)) unref(started)
    this.#running ??= new Map()
    this.#running.set(id, started)
  }

  #clear(id: string): void {
    if (this.#running === null || !this.#running.has(id)) return
    this.#clock.clearTimeout(this.#running.get(id))
    this.#forget(id)
  }

  #forget(id: string): void {
    this.#running?.delete(id)
    if (this.#running?.size === 0) this.#running = null
  }
}
