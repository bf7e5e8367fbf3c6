import {
  type ActorScope,
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFrom,
  type ExecutableActionObject,
  type InputFrom,
  type SnapshotFrom,
  type StateValue,
} from 'xstate'
import { ConfigurationError } from '../../errors.ts'
import { ignore } from '../lib/ignore.ts'
import { assertImplemented } from './assert-implemented.ts'
import { type Effects, sortEffects, type Work } from './effects.ts'
import { idleDelays } from './state-name.ts'

/** The result of one step. */
export interface Step<Machine extends AnyStateMachine> extends Omit<Effects, 'emitted' | 'act'> {
  /** The type of the event, in XState's notation. */
  readonly event: string
  readonly snapshot: SnapshotFrom<Machine>
  readonly emitted: readonly EmittedFrom<Machine>[]
  /** Errors of actions. */
  readonly failures: readonly unknown[]
}

/** The result of one step whose actions have not been executed. */
export interface PlannedStep<Machine extends AnyStateMachine> extends Omit<Step<Machine>, 'failures'> {
  /** Executes the actions. */
  perform(): Step<Machine>
}

type Scope = ActorScope<AnyMachineSnapshot, AnyEventObject>

/**
 * Computes the steps of a machine, for any number of instances, with XState's pure transition functions. It starts
 * nothing: the caller performs the actors and timers of a step.
 *
 * The free functions `initialTransition()` and `transition()` of XState return the same steps, but create an actor in
 * each call, which takes four times as long.
 */
export class Driver<Machine extends AnyStateMachine> {
  readonly machine: AnyStateMachine
  /** The events of delays whose timers need not keep the process alive. */
  readonly idleDelays: ReadonlySet<string>
  readonly #self: AnyActorRef
  /** By the value of a state: the parts of its snapshots that are always the same. */
  readonly #states = new Map<string, StateParts>()
  /** By the value of a state: a snapshot with no context. */
  readonly #resumed = new Map<string, AnyMachineSnapshot>()

  /** @throws ConfigurationError if the machine names an implementation that it does not have */
  constructor(machine: Machine, input: InputFrom<Machine>) {
    this.machine = machine
    assertImplemented(machine)
    this.idleDelays = idleDelays(machine)
    this.#self = createActor(this.machine, { input })
  }

  /** Checks that the installed XState lists actors as effects. @throws ConfigurationError if it does not */
  assertDrivable(input: InputFrom<Machine>, event: EventFrom<Machine> | null): void {
    const started = this.start(input)
    const step = event === null ? started : this.send(started.snapshot, event)
    if (step?.work == null) {
      throw new ConfigurationError(
        'Latchkey cannot use the installed release of XState. Install xstate 5.33.',
      )
    }
  }

  start(input: InputFrom<Machine>): Step<Machine> {
    return this.#step('xstate.init', (scope) => this.machine.getInitialSnapshot(scope, input)).perform()
  }

  /** Restores a machine in a state in which it waits. Timers are not restored. */
  resume(value: StateValue, context: SnapshotFrom<Machine>['context']): SnapshotFrom<Machine> {
    const key = JSON.stringify(value)
    const known = this.#resumed.get(key) ?? this.machine.resolveState({ value, context: {} })
    this.#resumed.set(key, known)
    return { ...known, context } as SnapshotFrom<Machine>
  }

  /** Returns null if the state does not accept the event. */
  send(snapshot: SnapshotFrom<Machine>, event: EventFrom<Machine>): Step<Machine> | null {
    return this.#transition(snapshot, event)
  }

  /** Returns a step for a caller that executes its actions later; null if the state does not accept the event. */
  plan(snapshot: SnapshotFrom<Machine>, event: EventFrom<Machine>): PlannedStep<Machine> | null {
    return this.#planned(snapshot, event)
  }

  /** The step after a timer. Returns null if the state does not accept its event. */
  elapsed(snapshot: SnapshotFrom<Machine>, event: AnyEventObject): Step<Machine> | null {
    return this.#transition(snapshot, event)
  }

  done(snapshot: SnapshotFrom<Machine>, { id }: Work, output: unknown): Step<Machine> | null {
    return this.#transition(snapshot, { type: `xstate.done.actor.${id}`, output, actorId: id })
  }

  failed(snapshot: SnapshotFrom<Machine>, { id }: Work, error: unknown): Step<Machine> | null {
    const before: AnyMachineSnapshot = snapshot
    const event = { type: `xstate.error.actor.${id}`, error, actorId: id }
    // XState would stop the machine.
    return before.can(event) ? this.#transition(before, event) : null
  }

  #transition(snapshot: AnyMachineSnapshot, event: AnyEventObject): Step<Machine> | null {
    return this.#planned(snapshot, event)?.perform() ?? null
  }

  #planned(snapshot: AnyMachineSnapshot, event: AnyEventObject): PlannedStep<Machine> | null {
    const step = this.#step(event.type, (scope) => this.machine.transition(snapshot, event, scope))
    // `can` selects the transitions again, and most events are accepted and change the snapshot.
    return step.snapshot === snapshot && !snapshot.can(event) ? null : step
  }

  #step(event: string, take: (scope: Scope) => AnyMachineSnapshot): PlannedStep<Machine> {
    // A separate list for each step: if a guard throws, earlier effects must not reach another instance.
    const listed: ExecutableActionObject[] = []
    const taken = take({
      self: this.#self,
      system: this.#self.system,
      id: '',
      sessionId: '',
      logger: ignore,
      defer: ignore,
      emit: ignore,
      stopChild: ignore,
      actionExecutor: (effect) => listed.push(effect),
    })
    const { emitted, act, ...effects } = sortEffects(listed)
    const step = {
      event,
      snapshot: this.#compact(taken) as SnapshotFrom<Machine>,
      emitted: emitted as readonly EmittedFrom<Machine>[],
      ...effects,
    }
    return { ...step, perform: () => ({ ...step, failures: act() }) }
  }

  /** Lets all snapshots of a state share the parts that are the same, because each loaded entry keeps one. */
  #compact(snapshot: AnyMachineSnapshot): AnyMachineSnapshot {
    const key = JSON.stringify(snapshot.value)
    const { _nodes, tags, children } = snapshot
    const parts = this.#states.get(key) ?? { _nodes, tags }
    this.#states.set(key, parts)
    return Object.assign(snapshot, parts, Object.keys(children).length === 0 && { children: NO_CHILDREN })
  }
}

type StateParts = Pick<AnyMachineSnapshot, '_nodes' | 'tags'>

const NO_CHILDREN = {}
