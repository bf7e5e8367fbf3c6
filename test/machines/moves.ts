import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, transition } from 'xstate'

/** The result of a step of a pure machine. */
export interface Move {
  /** The name of the state, such as `asking.user`. */
  readonly state: string
  readonly snapshot: AnyMachineSnapshot
  /** The provided actions that ran, with their params. */
  readonly does: readonly (readonly [string, unknown])[]
  /** The emitted events, and the work that was started and stopped. */
  readonly emits: readonly string[]
  readonly invokes: readonly string[]
}

/** The name of the state of a machine. */
export function stateOf({ value }: Pick<AnyMachineSnapshot, 'value'>): string {
  const path = (part: unknown): string[] =>
    typeof part === 'string'
      ? [part]
      : Object.entries(Object(part)).flatMap(([key, rest]) => [key, ...path(rest)])
  return path(value).join('.')
}

/** One step of a machine, as a pure function; null where the event is refused. */
export function move(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: AnyEventObject,
): Move | null {
  const [next, actions] = transition(machine, snapshot, event)
  if (next === snapshot) return null
  const of = (type: string) =>
    actions.filter((action) => action.type === type).map(({ params }) => Object(params))
  return {
    state: stateOf(next),
    snapshot: next,
    does: actions
      .filter(({ type }) => !type.startsWith('xstate.'))
      .map(({ type, params }) => [type, params] as const),
    emits: of('xstate.emit').map(({ event: emitted }) => String(emitted.type)),
    invokes: of('xstate.spawnChild').map(({ src }) => String(src)),
  }
}

/** The result of the work of a state: a value or an error. */
export function cameOf(
  snapshot: AnyMachineSnapshot,
  result: { output: unknown } | { error: unknown },
): AnyEventObject {
  const [work] = snapshot._nodes.flatMap((node) => node.invoke)
  if (work === undefined) throw new Error(`${stateOf(snapshot)} asks for no work.`)
  const how = 'error' in result ? 'error' : 'done'
  return { type: `xstate.${how}.actor.${work.id}`, actorId: work.id, ...result }
}

/** Reads a table of words: the first row names events, the first column states, and `-` means refused. */
export function table(text: string): { state: string; event: string; target: string }[] {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  return rows.flatMap(([state = '', ...targets]) =>
    targets.map((target, column) => ({ state, event: head[column + 1] ?? '', target })),
  )
}
