import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** A state and all states inside it. */
export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(nodesOf),
]

/** The events of delays that begin no work. Their timers need not keep the process alive. */
export function idleDelays({ root }: AnyStateMachine): ReadonlySet<string> {
  const delayed = nodesOf(root).flatMap(({ after }) => after)
  const idle = delayed.filter(({ target }) => target?.some(beginsWork) !== true)
  return new Set(idle.map(({ eventType }) => eventType))
}

const beginsWork = ({ invoke, initial, type }: AnyStateNode): boolean =>
  invoke.length > 0 || (type === 'compound' && initial.target.some(beginsWork))
