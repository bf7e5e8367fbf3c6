import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate'

/** Returns the name of a state: `checkingConnection`, `asking.user`. */
export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([state, child]) => (child === undefined ? state : `${state}.${stateName(child)}`))
    .join(' ')
}

/**
 * The name of an event: `submit`, `done checkConnection`, `error checkConnection`, `after livedLong`; `init` at the
 * start.
 */
export function eventName(type: string): string {
  return type
    .replace(/^xstate\.(done|error)\.actor\./, '$1 ')
    .replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1')
    .replace(/^xstate\./, '')
}

/** A state and all states inside it. */
export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(nodesOf),
]

/** The events of delays that neither limit work nor begin any. Their timers need not keep the process alive. */
export function idleDelays({ root }: AnyStateMachine): ReadonlySet<string> {
  const resting = nodesOf(root).filter(({ invoke }) => invoke.length === 0)
  const delayed = resting.flatMap(({ after }) => after)
  const idle = delayed.filter(({ target }) => target?.some(beginsWork) !== true)
  return new Set(idle.map(({ eventType }) => eventType))
}

const beginsWork = ({ invoke, initial, type }: AnyStateNode): boolean =>
  invoke.length > 0 || (type === 'compound' && initial.target.some(beginsWork))
