import type { AnyStateMachine } from 'xstate'
import { ConfigurationError } from '../../errors.ts'
import { nodesOf } from './state-name.ts'

/**
 * Checks that a machine has every guard, action, delay and actor that its states name.
 *
 * @throws ConfigurationError if one is not implemented. XState would find out at the step that needs it, or ignore it
 */
export function assertImplemented({ id, root, implementations }: AnyStateMachine): void {
  const { guards, actions, delays, actors } = implementations
  const check = (kind: string, known: object, used: readonly unknown[]) => {
    for (const name of used.flatMap(namesIn)) {
      if (Object.hasOwn(known, name)) continue
      throw new ConfigurationError(`The ${kind} "${name}" of the statechart "${id}" is not implemented.`)
    }
  }
  for (const { entry, exit, transitions, always, after, invoke } of nodesOf(root)) {
    const taken = [...transitions.values(), always ?? []].flat()
    check(
      'guard',
      guards,
      taken.map(({ guard }) => guard),
    )
    check('action', actions, [...entry, ...exit, ...taken.flatMap((each) => each.actions)])
    check(
      'delay',
      delays,
      after.map(({ delay }) => delay),
    )
    check(
      'actor',
      actors,
      invoke.map(({ src }) => src),
    )
  }
}

/** The names in a reference to an implementation. One that is written in place has none. */
function namesIn(reference: unknown): string[] {
  if (typeof reference === 'string') return [reference]
  if (typeof reference === 'function' && 'guards' in reference)
    return [reference.guards].flat().flatMap(namesIn)
  const isNamed = typeof reference === 'object' && reference !== null && 'type' in reference
  return isNamed ? [String(reference.type)] : []
}
