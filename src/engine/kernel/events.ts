import type { Log } from '../../ports/log.ts'
import type { LatchkeyEvents, LatchkeyEventType, Listener } from '../api/events.ts'
import { loggedError } from '../lib/redact.ts'

type Listeners = { [Type in LatchkeyEventType]?: Set<Listener<Type>> }

/** Emits events to listeners. An error of a listener is logged, and the other listeners still run. */
export class Events {
  readonly #listeners: Listeners = {}
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** Adds a listener. @returns a function that removes it */
  on<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void {
    const set: Set<Listener<Type>> = this.#listeners[type] ?? new Set()
    this.#listeners[type] = set as Listeners[Type]
    set.add(listener)
    return () => set.delete(listener)
  }

  /** Whether an event type has ever had a listener. Without one, callers can skip the creation of the event. */
  wants(type: LatchkeyEventType): boolean {
    return this.#listeners[type] !== undefined
  }

  emit<Type extends LatchkeyEventType>(type: Type, event: LatchkeyEvents[Type]): void {
    const set: Set<Listener<Type>> | undefined = this.#listeners[type]
    if (set === undefined) return
    for (const listener of [...set]) {
      try {
        listener(event)
      } catch (error) {
        this.#log.error('An event listener threw an error.', { error: loggedError(error) })
      }
    }
  }
}
