import type { AnyStateMachine, AnyStateNode } from 'xstate'

type Transition = AnyStateNode['transitions'] extends Map<string, (infer Each)[]> ? Each : never

/** A part of a statechart. */
export interface Part {
  readonly states: ReadonlySet<AnyStateNode>
  readonly transitions: ReadonlySet<unknown>
}

/** The whole of any statechart. */
const WHOLE = { states: { has: () => true }, transitions: { has: () => true } }

/** Selects the states and transitions of a part. */
export type Filter = { readonly [Key in keyof Part]: Pick<Part[Key], 'has'> }

/** A statechart, or a part of it, as the text of a Mermaid `stateDiagram-v2`. */
export function mermaidOf(machine: AnyStateMachine, part: Filter = WHOLE): string {
  const { root } = machine
  const nodes = nodesOf(root).filter((node) => part.states.has(node))
  const classes = ['working', 'committing', 'ending'].flatMap((name) => {
    const members = nodes.filter((node) => classOf(node) === name).map((node) => node.key)
    return members.length === 0 ? [] : [`  class ${members.join(',')} ${name}`]
  })
  return [
    'stateDiagram-v2',
    '  classDef working fill:#dbeafe,stroke:#1d4ed8,color:#172554',
    '  classDef committing fill:#fde68a,stroke:#b45309,color:#451a03',
    '  classDef ending fill:#e5e7eb,stroke:#374151,color:#111827',
    ...insideOf(root, part),
    ...edgesOf(nodes, part),
    ...nodes.filter((node) => node.type === 'final').map((node) => `  ${node.key} --> [*]`),
    ...classes,
  ].join('\n')
}

/** The states of a machine in the order in which they are written, without its root. */
export function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...nodesOf(child)])
}

/** The transitions of a state, without those of the states around it, with a readable name of their event. */
export function transitionsOf(
  node: AnyStateNode,
): { readonly event: string; readonly transition: Transition }[] {
  const handled = [...node.transitions].flatMap(([type, transitions]) =>
    transitions.map((transition) => ({ event: eventName(type), transition })),
  )
  return [...(node.always ?? []).map((transition) => ({ event: 'always', transition })), ...handled]
}

function insideOf(parent: AnyStateNode, part: Filter): string[] {
  const indent = '  '.repeat(parent.path.length + 1)
  const initial = parent.initial.target[0]
  const within = Object.values(parent.states).filter((node) => part.states.has(node))
  const states = within.flatMap((node) => {
    const heading = [titleOf(node), ...workOf(node), ...stayingOf(node, part)].join('<br/>')
    const composite = Object.keys(node.states).length > 0
    const lines = heading === node.key && !composite ? [] : [`${indent}state "${heading}" as ${node.key}`]
    if (heading === node.key && !composite) return [`${indent}${node.key}`]
    return composite ? [`${lines[0]} {`, ...insideOf(node, part), `${indent}}`] : lines
  })
  const isShown = initial !== undefined && part.states.has(initial)
  return [...(isShown ? [`${indent}[*] --> ${initial.key}`] : []), ...states]
}

/** The name of a state, as its drawing shows it. */
export const titleOf = ({ key, type }: AnyStateNode): string =>
  type === 'history' ? `${key} (history)` : key

/** The work, the entry actions and the exit actions of a state. */
function workOf({ invoke, entry, exit }: AnyStateNode): string[] {
  return [...invoke.map(({ id }) => `invoke ${id}`), ...effectsOf('entry', entry), ...effectsOf('exit', exit)]
}

function effectsOf(when: string, actions: AnyStateNode['entry']): string[] {
  const named = actions.filter(isWritten).map(actionName)
  return named.length === 0 ? [] : [`${when} / ${named.join(', ')}`]
}

/** Whether an action is part of the chart. XState adds two for each delay: to start its timer and to clear it. */
export const isWritten = (action: unknown): boolean =>
  !(typeof action === 'function' && 'type' in action && /^xstate\.(raise|cancel)$/.test(String(action.type)))

/** The events that keep a group of states active, or enter it again. Mermaid draws no loop on a group. */
function stayingOf(node: AnyStateNode, part: Filter): string[] {
  return transitionsOf(node)
    .filter(({ transition }) => staysIn(node, transition) && part.transitions.has(transition))
    .map(
      (each) => `${labelOf(node, each)} (${each.transition.target === undefined ? 'stays' : 'enters again'})`,
    )
}

/** Whether a transition stays in its state, or enters a group of states again. */
export const staysIn = (node: AnyStateNode, { target }: Transition): boolean =>
  target === undefined || (target[0] === node && Object.keys(node.states).length > 0)

function edgesOf(nodes: readonly AnyStateNode[], part: Filter): string[] {
  const labels = new Map<string, string[]>()
  for (const node of nodes) {
    for (const each of transitionsOf(node)) {
      if (staysIn(node, each.transition) || !part.transitions.has(each.transition)) continue
      const { key } = drawnTarget(node, each.transition)
      const edge = `  ${node.key} --> ${key}`
      const again =
        key === each.transition.target?.[0]?.key ? '' : ` (enters ${each.transition.target?.[0]?.key} again)`
      labels.set(edge, [...(labels.get(edge) ?? []), `${labelOf(node, each)}${again}`])
    }
  }
  return [...labels].map(([edge, lines]) => {
    const parts = lines.filter((line) => line !== '')
    return parts.length === 0 ? edge : `${edge} : ${parts.join('<br/>')}`
  })
}

/** The end of an arrow. From inside its target, an arrow leads to the initial state of the target. */
export function drawnTarget(node: AnyStateNode, { target }: Transition): AnyStateNode {
  const aimed = target?.[0] ?? node
  for (let above = node.parent; above !== undefined; above = above.parent) {
    if (above === aimed) return aimed.initial.target[0] ?? aimed
  }
  return aimed
}

/** The label of an arrow: `event [guard] / actions`. */
export function labelOf(
  node: AnyStateNode,
  { event, transition }: { readonly event: string; readonly transition: Transition },
  show: { readonly actions: boolean } = { actions: true },
): string {
  const rivals = transitionsOf(node).filter((each) => each.event === event)
  const otherwise = rivals.length > 1 ? ' [otherwise]' : ''
  const guard = transition.guard === undefined ? otherwise : ` [${actionName(transition.guard)}]`
  const actions =
    !show.actions || transition.actions.length === 0
      ? ''
      : ` / ${transition.actions.map(actionName).join(', ')}`
  return event === 'always' ? `${guard.trim()}${actions}` : `${event}${guard}${actions}`
}

/** The name of a guard or an action, with its parameters if they are constants of the chart. */
function actionName(action: unknown): string {
  if (typeof action === 'string') return action
  if (typeof action !== 'object' || action === null || !('type' in action)) return 'inline'
  const params = 'params' in action ? action.params : undefined
  const shown = typeof params === 'object' && params !== null ? `(${Object.values(params).join(', ')})` : ''
  return `${action.type}${shown}`
}

const eventName = (type: string): string =>
  type.replace(/^xstate\.(done|error)\.actor\..*/, '$1').replace(/^xstate\.after\.([^.]+)\..*/, 'after $1')

/** The kind of a state, for its color; `null` for a state that waits. */
export function classOf(node: AnyStateNode): string | null {
  if (node.type === 'final') return 'ending'
  if (node.tags.includes('committing')) return 'committing'
  return node.tags.includes('working') ? 'working' : null
}
