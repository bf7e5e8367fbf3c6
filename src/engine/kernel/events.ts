import type { Log } from '../../ports/log.ts'
import type { LatchkeyEvents, LatchkeyEventType, Listener } from '../api/events.ts'
import { loggedError } from '../lib/redact.ts'

type Listeners = { [Type in LatchkeyEventType]?: Set<Listener<Type>> }

/** Tells listeners what happened; one that throws is logged and stops nobody. */
export class Events {
  readonly #listeners: Listeners = {}
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** @returns how to stop listening */
  on<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void {
    const set: Set<Listener<Type>> = this.#listeners[type] ?? new Set()
    this.#listeners[type] = set as Listeners[Type]
    set.add(listener)
    return () => set.delete(listener)
  }

  /** Whether anybody listens: what is only for listeners need not be made otherwise. */
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
        this.#log.error('A listener threw.', { error: loggedError(error) })
      }
    }
  }
}
