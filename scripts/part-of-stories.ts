import { type AnyStateMachine, type AnyStateNode, initialTransition } from 'xstate'
import type { Part } from '../src/diagrams/mermaid.ts'
import { pathsOf, type StoryModel } from '../src/testing/story-graph.ts'

/** The states and transitions of a machine that the stories of some models use. */
export function partOf(machine: AnyStateMachine, models: readonly StoryModel[]): Part {
  const states = new Set<AnyStateNode>()
  const transitions = new Set<unknown>()
  const add = (node: AnyStateNode): void => {
    states.add(node)
    if (node.parent !== undefined) add(node.parent)
  }
  for (const model of models) {
    const [first] = initialTransition(machine, model.input)
    addInitial(machine, first._nodes, add, transitions)
    for (const path of pathsOf(model)) {
      let before = first
      for (const { event, snapshot } of path) {
        for (const transition of machine.getTransitionData(before, event)) {
          transitions.add(transition)
          for (const target of transition.target ?? []) add(target)
        }
        for (const node of snapshot._nodes) add(node)
        before = snapshot
      }
    }
  }
  return { states, transitions }
}

/** Adds the transition from the initial state, which continues immediately, to the state that the machine starts in. */
function addInitial(
  { root }: AnyStateMachine,
  started: readonly AnyStateNode[],
  add: (node: AnyStateNode) => void,
  transitions: Set<unknown>,
): void {
  for (const node of started) add(node)
  const [initial] = root.initial.target
  const taken = initial?.always?.find(({ target }) => target?.some((node) => started.includes(node)))
  if (initial === undefined || taken === undefined) return
  add(initial)
  transitions.add(taken)
}
