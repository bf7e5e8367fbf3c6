import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFrom,
  type InputFrom,
  type MachineContext,
  type SnapshotFrom,
  type StateValue,
} from 'xstate'
import { ConfigurationError } from '../../errors.ts'
import { act, holds } from './actions.ts'
import { Chart, type Move, type Place, type Transition } from './chart.ts'

/** Work that a machine asks for: the name of the actor, and what it is handed. */
export interface Work {
  readonly id: string
  readonly src: string
  readonly input: unknown
}

/** Where a machine stands after an event. */
export interface Step<Machine extends AnyStateMachine> {
  /** The type of the event, as XState writes it. */
  readonly event: string
  readonly snapshot: SnapshotFrom<Machine>
  /** What it wants done now; null when it waits for somebody. */
  readonly work: Work | null
  readonly emitted: readonly EmittedFrom<Machine>[]
}

const NO_CHILDREN = {}

/**
 * Moves one machine, for any number of instances of it. The statechart, its guards and its actions are XState's own;
 * its steps are worked out once ({@link Chart}) and done here, because an actor, or XState's transition function, works
 * them out again for each instance. No actor is created for an instance, and nothing runs behind the engine's back.
 * test/engine/driver.test.ts holds that every step is the one that XState takes.
 */
export class Driver<Machine extends AnyStateMachine> {
  readonly machine: AnyStateMachine
  /** What actions find as `self`: an actor that is never started. */
  readonly self: AnyActorRef
  readonly #chart: Chart
  readonly #places = new Map<string, Place>()
  readonly #endings = new Map<string, { readonly done: string; readonly error: string }>()
  #work: Work | null = null
  #emitted: EmittedFrom<Machine>[] = []

  constructor(machine: Machine, input: InputFrom<Machine>) {
    this.machine = machine
    this.self = createActor(this.machine, { input })
    this.#chart = new Chart(machine)
  }

  /** @throws ConfigurationError where this release of XState does not hand over the work that a machine asks for */
  assertDrivable(input: InputFrom<Machine>, event: EventFrom<Machine> | null): void {
    const started = this.start(input)
    const step = event === null ? started : this.send(started.snapshot, event)
    if (step?.work == null)
      throw new ConfigurationError('This release of XState cannot be driven. Install xstate 5.33.')
  }

  start(input: InputFrom<Machine>): Step<Machine> {
    const event = { type: 'xstate.init', input }
    const { context: given } = this.machine.config
    const context =
      typeof given === 'function' ? given({ input, self: this.self, spawn: noSpawn }) : (given ?? {})
    const first = this.#enter(this.#chart.initial(), context, NO_CHILDREN, event)
    return this.#take(this.#settle(first, event), event)
  }

  /** Puts a machine back in a state where it waits. `state` names it. */
  resume(state: string, value: StateValue, context: SnapshotFrom<Machine>['context']): SnapshotFrom<Machine> {
    let place = this.#places.get(state)
    if (place === undefined) {
      place = this.#chart.placeOf(this.machine.resolveState({ value, context: {} }))
      this.#places.set(state, place)
    }
    return { ...place.template, context } as SnapshotFrom<Machine>
  }

  /** Null where the state has no transition for the event: the caller refuses it. */
  send(snapshot: SnapshotFrom<Machine>, event: EventFrom<Machine>): Step<Machine> | null {
    return this.#transition(snapshot, event)
  }

  done(snapshot: SnapshotFrom<Machine>, { id }: Work, output: unknown): Step<Machine> | null {
    return this.#transition(snapshot, { type: this.#endingsOf(id).done, output, actorId: id })
  }

  failed(snapshot: SnapshotFrom<Machine>, { id }: Work, error: unknown): Step<Machine> | null {
    return this.#transition(snapshot, { type: this.#endingsOf(id).error, error, actorId: id })
  }

  emit(event: AnyEventObject): void {
    this.#emitted.push(event as EmittedFrom<Machine>)
  }

  #transition(snapshot: AnyMachineSnapshot, event: AnyEventObject): Step<Machine> | null {
    const place = this.#chart.placeOf(snapshot)
    const transition = this.#choose(place.transitions.get(event.type), snapshot.context, event)
    if (transition === undefined) return null
    const moved = this.#move(snapshot, this.#chart.moveOf(place, transition), event)
    return this.#take(this.#settle(moved, event), event)
  }

  /** Takes the transitions that wait for no event. */
  #settle(from: AnyMachineSnapshot, event: AnyEventObject): AnyMachineSnapshot {
    let snapshot = from
    while (snapshot.status === 'active') {
      const place = this.#chart.placeOf(snapshot)
      const transition = this.#choose(place.always, snapshot.context, event)
      if (transition === undefined) break
      snapshot = this.#move(snapshot, this.#chart.moveOf(place, transition), event)
    }
    return snapshot
  }

  #choose(
    transitions: readonly Transition[] | undefined,
    context: MachineContext,
    event: AnyEventObject,
  ): Transition | undefined {
    return transitions?.find(({ guard }) => holds(this.machine, guard, { context, event }))
  }

  #move(snapshot: AnyMachineSnapshot, move: Move, event: AnyEventObject): AnyMachineSnapshot {
    let context: MachineContext = snapshot.context
    let { children } = snapshot
    for (const { exit, invoke } of move.left) {
      for (const action of exit) context = act(this, action, { context, event })
      if (invoke.length > 0) children = NO_CHILDREN
    }
    for (const action of move.actions) context = act(this, action, { context, event })
    return this.#enter(move, context, children, event)
  }

  #enter(
    { to, entered }: Move,
    before: MachineContext,
    running: AnyMachineSnapshot['children'],
    event: AnyEventObject,
  ): AnyMachineSnapshot {
    let context = before
    let children = running
    for (const { entry, invoke } of entered) {
      for (const action of entry) context = act(this, action, { context, event })
      for (const { id, src, input } of invoke) {
        const given = typeof input === 'function' ? input({ context, event, self: this.self }) : input
        this.#work = { id, src: String(src), input: given }
        children = { [id]: this.self }
      }
    }
    const snapshot: AnyMachineSnapshot = { ...to.template, context, children }
    // A place that is an end is `done` in XState's own snapshot of it.
    if (snapshot.status === 'done') {
      const output: unknown = this.machine.root.output
      snapshot.output = typeof output === 'function' ? output({ context, event, self: this.self }) : output
    }
    return snapshot
  }

  /** Kept, because a text that is put together anew has to be hashed anew to be looked up. */
  #endingsOf(id: string): { readonly done: string; readonly error: string } {
    let endings = this.#endings.get(id)
    if (endings === undefined) {
      endings = { done: `xstate.done.actor.${id}`, error: `xstate.error.actor.${id}` }
      this.#endings.set(id, endings)
    }
    return endings
  }

  #take(taken: AnyMachineSnapshot, { type: event }: AnyEventObject): Step<Machine> {
    const snapshot = taken as SnapshotFrom<Machine>
    const step = { event, snapshot, work: this.#work, emitted: this.#emitted }
    this.#work = null
    this.#emitted = []
    return step
  }
}

const noSpawn = (): never => {
  throw new ConfigurationError('A machine that is driven spawns nobody.')
}
