import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate'
import type { JsonObject } from '../ports/json.ts'

/** A flow, an entry or its work, as a viewer sees it: names, ids and codes. Nothing else of it is ever held here. */
export interface ShownActor {
  /** The same for as long as it lives, in every process: `flow:<id>`, `entry:<id>`, `flow:<id>/checkConnection`. */
  readonly id: string
  readonly name: string
  /** The actor that asked for this work; null for a flow or an entry. */
  readonly parent: string | null
  /** Null for work. */
  readonly chart: AnyStateMachine | null
  /** The state's name, `asking.user`; of work, its status. */
  readonly state: string
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly context: JsonObject
  /** The type of the event that brought it here, as XState 5 writes it; without its data. */
  readonly event: string
  /** The work that the event came of. */
  readonly source: string | null
  /** When it came here (ms since the epoch). */
  readonly at: number
}

/** How one kind of viewer is told; each text is a message. */
export interface Wire {
  /** Of an actor that the viewer has not met, and where it stands. */
  registered(actor: ShownActor): readonly string[]
  /** Of a step: what moved the actor, and where it stands; also of its last. */
  stepped(actor: ShownActor): readonly string[]
}

/** The state value that a name stands for: `asking.user` is `{ asking: 'user' }`. */
export function stateValueOf(state: string): StateValue {
  const [last = '', ...outer] = state.split('.').reverse()
  return outer.reduce<StateValue>((value, key) => ({ [key]: value }), last)
}

/** The chart in a state: for its tags, its work, and whether that is an end. */
export function chartAt(chart: AnyStateMachine, state: string): AnyMachineSnapshot {
  return chart.resolveState({ value: stateValueOf(state), context: {} })
}
