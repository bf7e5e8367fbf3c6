import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, EventFrom, SnapshotFrom } from 'xstate'
import type { Clock } from '../../ports/clock.ts'
import { Call } from '../lib/call.ts'
import type { Driver, Step } from './driver.ts'
import type { TimerChange, Work } from './effects.ts'
import { Timers } from './timers.ts'

/** A call of an actor. Cancelled when the machine leaves the state that invoked it. */
export class Invocation extends Call {
  readonly work: Work

  constructor(work: Work) {
    super()
    this.work = work
  }
}

/** The callbacks of a {@link Run}. */
export interface RunHooks<Machine extends AnyStateMachine> {
  /** Runs the timers of the machine. */
  readonly clock: Clock
  /** Performs an actor. Its result or error becomes an event of the machine. */
  perform(invocation: Invocation): Promise<unknown>
  /** Called after each step, before the next actor starts. */
  stepped(step: Step<Machine>, before: SnapshotFrom<Machine> | null): void
  /** Called with a result that arrives after the machine has left the state. */
  late?(work: Work, output: unknown): void
}

/** Runs one machine: performs its actors, one at a time, until the machine waits for an event or has ended. */
export class Run<Machine extends AnyStateMachine> {
  readonly #driver: Driver<Machine>
  readonly #hooks: RunHooks<Machine>
  /** Null without timers: most machines wait without one. */
  #timers: Timers | null = null
  #isStopped = false
  #snapshot: SnapshotFrom<Machine>
  #invocation: Invocation | null = null
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = []

  constructor(
    driver: Driver<Machine>,
    from: Step<Machine> | SnapshotFrom<Machine>,
    hooks: RunHooks<Machine>,
  ) {
    this.#driver = driver
    this.#hooks = hooks
    if ('emitted' in from) {
      this.#snapshot = from.snapshot
      this.#take(from, null)
    } else {
      this.#snapshot = from
    }
  }

  get snapshot(): SnapshotFrom<Machine> {
    return this.#snapshot
  }

  get working(): boolean {
    return this.#invocation !== null
  }

  /** Sends an event. Returns false, without any change, if the state does not accept it. */
  send(event: EventFrom<Machine>): boolean {
    const step = this.#driver.send(this.#snapshot, event)
    if (step === null) return false
    this.#take(step, this.#snapshot)
    return true
  }

  /** Ends all timers. No timer is started afterwards. */
  stopTimers(): void {
    this.#isStopped = true
    this.#timers?.stop()
    this.#timers = null
  }

  /** Resolves when the machine waits for an event or has ended. */
  settled(): Promise<void> {
    if (this.#invocation === null) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #take(step: Step<Machine>, before: SnapshotFrom<Machine> | null): void {
    this.#snapshot = step.snapshot
    const left = this.#invocation
    if (
      left !== null &&
      (step.work !== null || !Object.hasOwn((step.snapshot as AnyMachineSnapshot).children, left.work.id))
    ) {
      this.#invocation = null
      left.abort()
    }
    this.#changeTimers(step.timers)
    this.#hooks.stepped(step, before)
    // A listener has sent another event. This step's actor is no longer needed.
    if (this.#snapshot !== step.snapshot) return
    if (step.work !== null) this.#begin(step.work)
    else if (this.#invocation === null) for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  #changeTimers(changes: readonly TimerChange[]): void {
    if (this.#isStopped || (this.#timers === null && changes.every(({ type }) => type === 'clear'))) return
    this.#timers ??= new Timers(this.#hooks.clock, this.#driver.idleDelays, (event) => this.#elapsed(event))
    this.#timers.apply(changes)
    if (this.#timers.areOver) this.#timers = null
  }

  #elapsed(event: AnyEventObject): void {
    if (this.#timers?.areOver === true) this.#timers = null
    const step = this.#driver.elapsed(this.#snapshot, event)
    if (step !== null) this.#take(step, this.#snapshot)
  }

  #begin(work: Work): void {
    const invocation = new Invocation(work)
    this.#invocation = invocation
    this.#hooks
      .perform(invocation)
      .then(
        (output) => this.#finish(invocation, output, this.#driver.done),
        (error: unknown) => this.#finish(invocation, error, this.#driver.failed),
      )
      .catch((error: unknown) => {
        this.#invocation = null
        for (const { reject } of this.#waiting.splice(0)) reject(error)
      })
  }

  #finish(invocation: Invocation, result: unknown, feed: Driver<Machine>['done']): void {
    if (this.#invocation !== invocation) {
      if (feed === this.#driver.done) this.#hooks.late?.(invocation.work, result)
      return
    }
    // The actor has finished, so there is nothing to cancel.
    this.#invocation = null
    const step = feed.call(this.#driver, this.#snapshot, invocation.work, result)
    if (step === null)
      throw new Error(`The machine does not accept the result of the actor "${invocation.work.src}".`)
    this.#take(step, this.#snapshot)
  }
}
