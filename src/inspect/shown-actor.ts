import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate'
import type { JsonObject } from '../ports/json.ts'

/** A flow, an entry or its work, as viewers see it: names, ids and codes. It never holds other values. */
export interface ShownActor {
  /** The id, which is the same in all processes: `flow:<id>`, `entry:<id>`, `flow:<id>/checkConnection`. */
  readonly id: string
  readonly name: string
  /** The actor that invoked this work; `null` for flows and entries. */
  readonly parent: string | null
  /** `null` for work. */
  readonly chart: AnyStateMachine | null
  /** The name of the state, for example `asking.user`. For work, its status. */
  readonly state: string
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly context: JsonObject
  /** The type of the event that caused the transition, as XState 5 writes it. Its data is omitted. */
  readonly event: string
  /** The work that sent the event. */
  readonly source: string | null
  /** Time of the transition (ms since the epoch). */
  readonly at: number
}

/** A message format. Each returned text is one message. */
export interface Wire {
  /** Returns the messages for an actor that is new to the viewer. */
  announce(actor: ShownActor): readonly string[]
  /** Returns the messages for a transition, including the last one. */
  update(actor: ShownActor): readonly string[]
}

/** Converts the name of a state to a state value: `asking.user` to `{ asking: 'user' }`. */
export function stateValueOf(state: string): StateValue {
  const [last = '', ...outer] = state.split('.').reverse()
  return outer.reduce<StateValue>((value, key) => ({ [key]: value }), last)
}

/** Returns the snapshot of a chart in a state. It contains the tags, the work, and whether the state is final. */
export function chartAt(chart: AnyStateMachine, state: string): AnyMachineSnapshot {
  return chart.resolveState({ value: stateValueOf(state), context: {} })
}
