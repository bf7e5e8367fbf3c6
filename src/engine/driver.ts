import {
  type ActorLogic,
  type ActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFrom,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate'
import { ConfigurationError } from '../errors.ts'

/** Work that a machine asks for: the name of the actor, and what it is handed. */
export interface Work {
  readonly id: string
  readonly src: string
  readonly input: unknown
}

/** Where a machine stands after an event. */
export interface Step<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>
  /** What it wants done now; null when it waits for somebody. */
  readonly work: Work | null
  readonly emitted: readonly EmittedFrom<Machine>[]
}

const IDLE = { status: 'active', output: undefined, error: undefined, input: undefined } as const
const idle = () => IDLE

/** Stands in for every invoked actor: the engine does the work and feeds the result back as an event. */
const inert: ActorLogic<typeof IDLE, AnyEventObject> = {
  getInitialSnapshot: idle,
  getPersistedSnapshot: idle,
  transition: idle,
}

/**
 * Moves one machine, for any number of instances of it, by its pure transition function on one reused scope:
 * no actor is created for an instance, and nothing runs behind the engine's back. It relies on XState's
 * `ActorScope`, so a machine that asks for no work where it must is found here, when the host starts.
 */
export class Driver<Machine extends AnyStateMachine> {
  readonly #machine: AnyStateMachine
  readonly #scope: ActorScope<AnyMachineSnapshot, AnyEventObject>
  readonly #resolved = new Map<string, AnyMachineSnapshot>()
  #work: Work | null = null
  #emitted: EmittedFrom<Machine>[] = []
  #deferred: (() => void)[] = []

  constructor(machine: Machine, input: InputFrom<Machine>) {
    const actors = Object.fromEntries(
      Object.keys(machine.implementations.actors).map((name) => [name, inert]),
    )
    this.#machine = machine.provide({ actors })
    const host = createActor(this.#machine, { input })
    // In XState's own order, so that its functions see one shape of scope whether they serve an actor or this.
    this.#scope = {
      self: host,
      id: '',
      sessionId: '',
      logger: () => {},
      defer: (run) => this.#deferred.push(run),
      system: host.system,
      stopChild: () => {},
      emit: (event) => this.#emitted.push(event as EmittedFrom<Machine>),
      actionExecutor: (action) => {
        if (action.type === 'xstate.spawnChild') this.#work = action.params as Work
        else action.exec?.(action.info, action.params)
      },
    }
  }

  /** @throws ConfigurationError where this release of XState does not hand over the work that a machine asks for */
  assertDrivable(input: InputFrom<Machine>, event: EventFrom<Machine> | null): void {
    const started = this.start(input)
    const step = event === null ? started : this.send(started.snapshot, event)
    if (step?.work == null)
      throw new ConfigurationError('This release of XState cannot be driven. Install xstate 5.33.')
  }

  start(input: InputFrom<Machine>): Step<Machine> {
    return this.#take(this.#machine.getInitialSnapshot(this.#scope, input))
  }

  /** Puts a machine back in a state where it waits. `state` names it: what XState resolves of it is kept. */
  resume(
    state: string,
    value: SnapshotFrom<Machine>['value'],
    context: SnapshotFrom<Machine>['context'],
  ): SnapshotFrom<Machine> {
    let resolved = this.#resolved.get(state)
    if (resolved === undefined) {
      resolved = this.#machine.resolveState({ value, context })
      this.#resolved.set(state, resolved)
    }
    return { ...resolved, context } as SnapshotFrom<Machine>
  }

  /** Null where the state has no transition for the event: the caller refuses it. */
  send(snapshot: SnapshotFrom<Machine>, event: EventFrom<Machine>): Step<Machine> | null {
    return this.#transition(snapshot, event)
  }

  done(snapshot: SnapshotFrom<Machine>, work: Work, output: unknown): Step<Machine> | null {
    return this.#transition(snapshot, { type: `xstate.done.actor.${work.id}`, output, actorId: work.id })
  }

  failed(snapshot: SnapshotFrom<Machine>, work: Work, error: unknown): Step<Machine> | null {
    return this.#transition(snapshot, { type: `xstate.error.actor.${work.id}`, error, actorId: work.id })
  }

  #transition(snapshot: SnapshotFrom<Machine>, event: AnyEventObject): Step<Machine> | null {
    const next = this.#machine.transition(snapshot, event, this.#scope)
    return next === snapshot ? null : this.#take(next)
  }

  #take(snapshot: AnyMachineSnapshot): Step<Machine> {
    for (const run of this.#deferred) run()
    const step = { snapshot: snapshot as SnapshotFrom<Machine>, work: this.#work, emitted: this.#emitted }
    this.#work = null
    this.#emitted = []
    this.#deferred = []
    return step
  }
}
