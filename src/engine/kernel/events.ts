import type { StateValue } from 'xstate'
import type { Log } from '../../ports/log.ts'
import type { LatchkeyEvents, LatchkeyEventType, Listener } from '../api/events.ts'
import { onRejection } from '../lib/on-rejection.ts'
import { loggedError } from '../lib/redact.ts'
import { eventName, stateName } from '../statecharts/state-name.ts'

/** A step of a machine, as inspectors see it. */
interface PublishedStep {
  readonly event: string
  readonly snapshot: { readonly value: StateValue; readonly context: { readonly reason: string | null } }
  /** The errors of its actions. */
  readonly failures: readonly unknown[]
}

type Listeners = { [Type in LatchkeyEventType]?: Set<Listener<Type>> }

/** Emits events to listeners. An error of a listener, thrown or rejected, is logged, and the other
 * listeners still run. */
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

  #failed(error: unknown): void {
    this.#log.error({ error: loggedError(error) }, 'An event listener threw an error.')
  }

  /** Calls the listeners. @returns the promises of those that are asynchronous. They never reject */
  emit<Type extends LatchkeyEventType>(type: Type, event: LatchkeyEvents[Type]): readonly Promise<unknown>[] {
    const set: Set<Listener<Type>> | undefined = this.#listeners[type]
    const pending: Promise<unknown>[] = []
    for (const listener of [...(set ?? [])]) {
      try {
        const ended = onRejection(listener(event), (error) => this.#failed(error))
        if (ended !== null) pending.push(ended)
      } catch (error) {
        this.#failed(error)
      }
    }
    return pending
  }

  /**
   * Logs errors of a step's actions, and emits the step if there is a listener. `codes` explains the state if it has no
   * `reason`.
   */
  step(
    about: Pick<LatchkeyEvents['transition'], 'scope' | 'machine' | 'id'>,
    step: PublishedStep & {
      readonly before: { readonly value: StateValue } | null
      readonly codes?: () => readonly string[]
    },
  ): void {
    const { event, snapshot, before, failures } = step
    for (const error of failures)
      this.#log.error({ ...about, error: loggedError(error) }, 'An action of a statechart failed.')
    if (!this.wants('transition')) return
    const { reason } = snapshot.context
    this.emit('transition', {
      ...about,
      from: before === null ? null : stateName(before.value),
      to: stateName(snapshot.value),
      event: eventName(event),
      codes: reason === null ? (step.codes?.() ?? []) : [reason],
    })
  }
}
