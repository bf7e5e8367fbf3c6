import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { isWritten } from '../diagrams/mermaid.ts'

type Transition = NonNullable<AnyStateNode['always']>[number]

/** Converts an XState 5 machine to the JSON definition of an XState 4 machine, which can be drawn but not run. */
export function xstate4Definition(machine: AnyStateMachine): object {
  return { ...nodeOf(machine.root), predictableActionArguments: true }
}

/** Converts an event type of XState 5 to XState 4. */
export function xstate4Event(type: string): string {
  return type
    .replace(/^xstate\.done\.actor\./, 'done.invoke.')
    .replace(/^xstate\.error\.actor\./, 'error.platform.')
    .replace(/^xstate\.after\.([^.]+)\./, 'xstate.after($1)#')
}

function nodeOf(node: AnyStateNode): object {
  const { id, type, initial, states, transitions, always, after, entry, exit, invoke, tags, description } =
    node
  const inner = Object.entries(states)
  const sent = [...transitions].filter(([on]) => !on.startsWith('xstate.after.'))
  return {
    id,
    ...(type === 'final' && { type }),
    ...(type === 'history' && { type, history: node.history, target: node.config.target }),
    ...(inner.length > 0 && {
      initial: initial.target[0]?.key,
      states: Object.fromEntries(inner.map(([key, state]) => [key, nodeOf(state)])),
    }),
    on: Object.fromEntries(sent.map(([on, list]) => [xstate4Event(on), list.map(transitionOf)])),
    always: (always ?? []).map(transitionOf),
    after: Object.fromEntries(after.map((delayed) => [String(delayed.delay), [transitionOf(delayed)]])),
    entry: entry.filter(isWritten).map(named),
    exit: exit.filter(isWritten).map(named),
    invoke: invoke.map(({ id, src }) => ({ id, src: named(src).type })),
    tags,
    description,
  }
}

function transitionOf({ target, guard, actions, reenter }: Transition): object {
  return {
    ...(target !== undefined && { target: target.map(({ id }) => `#${id}`) }),
    ...(guard !== undefined && { cond: named(guard) }),
    actions: actions.map(named),
    internal: !reenter,
  }
}

/** Returns the name of a guard, an action or an actor. Params that are functions are omitted. */
function named(item: unknown): { readonly type: string; readonly params?: unknown } {
  if (typeof item === 'string') return { type: item }
  const { type, params } = item as { type: string; params?: unknown }
  return { type, ...(typeof params === 'object' && { params }) }
}
