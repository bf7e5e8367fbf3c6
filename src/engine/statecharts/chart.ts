import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, StateValue } from 'xstate'
import { ConfigurationError } from '../../errors.ts'

/** A transition as XState reads it from a machine's definition. */
export type Transition = NonNullable<AnyStateNode['always']>[number]

/** A state that a machine can be in, and what may lead on from there. */
export interface Place {
  /** XState's snapshot of it; every machine that is here has a copy with its own context. */
  readonly template: AnyMachineSnapshot
  /** The leaf and its ancestors, up to the root. */
  readonly path: readonly AnyStateNode[]
  /** By type of event, the deepest first. */
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
  readonly always: readonly Transition[]
}

/** What a transition does. */
export interface Move {
  readonly to: Place
  readonly left: readonly AnyStateNode[]
  readonly actions: readonly unknown[]
  readonly entered: readonly AnyStateNode[]
}

/**
 * The places of a machine and the moves between them, each worked out when it is first met: XState works them out
 * anew at every step, which costs ten times the step. It knows the
 * statecharts that the grammar of machines/ allows (test/machines/grammar.test.ts), and refuses others.
 */
export class Chart {
  readonly #machine: AnyStateMachine
  readonly #places = new Map<AnyStateNode, Place>()
  readonly #placesByNodes = new WeakMap<object, Place>()
  readonly #moves = new Map<Place, Map<Transition, Move>>()

  /** @throws ConfigurationError where the machine has states or timers of a kind that is not driven */
  constructor(machine: AnyStateMachine) {
    this.#machine = machine
    assertPlain(machine.root)
  }

  /** Where a machine is before its first step: nowhere, and about to enter its initial states. */
  initial(): Move {
    const entered = [this.#machine.root, ...initialBelow(this.#machine.root)]
    return { to: this.#placeAt(leafOf(entered)), left: [], actions: [], entered }
  }

  placeOf(snapshot: AnyMachineSnapshot): Place {
    const known = this.#placesByNodes.get(snapshot._nodes)
    if (known !== undefined) return known
    return this.#placeAt(leafOf(snapshot._nodes.filter(({ type }) => type !== 'compound')))
  }

  moveOf(place: Place, transition: Transition): Move {
    let moves = this.#moves.get(place)
    if (moves === undefined) {
      moves = new Map()
      this.#moves.set(place, moves)
    }
    let move = moves.get(transition)
    if (move === undefined) {
      move = this.#move(place, transition)
      moves.set(transition, move)
    }
    return move
  }

  #placeAt(leaf: AnyStateNode): Place {
    const known = this.#places.get(leaf)
    if (known !== undefined) return known
    const path = pathOf(leaf)
    const transitions = new Map<string, Transition[]>()
    for (const [type, list] of path.flatMap((node) => [...node.transitions])) {
      transitions.set(type, [...(transitions.get(type) ?? []), ...list])
    }
    const place = {
      template: this.#machine.resolveState({ value: stateValueOf(path), context: {} }),
      path,
      transitions,
      always: path.flatMap(({ always }) => always ?? []),
    }
    this.#places.set(leaf, place)
    this.#placesByNodes.set(place.template._nodes, place)
    return place
  }

  /** SCXML: `computeExitSet` and `computeEntrySet`, where only one state is active beside its ancestors. */
  #move(from: Place, { target, source, reenter, actions }: Transition): Move {
    const aim = target?.[0]
    if (aim === undefined) return { to: from, left: [], actions, entered: [] }
    const domain = domainOf(aim, source, reenter)
    const isInside = (node: AnyStateNode) =>
      isBelow(node, domain) || (reenter && node === domain && node === source)
    const entered = [...pathOf(aim).filter(isInside).reverse(), ...initialBelow(aim)]
    return { to: this.#placeAt(leafOf(entered)), left: from.path.filter(isInside), actions, entered }
  }
}

/** The last of states that were entered in order; there always is one. */
const leafOf = (entered: readonly AnyStateNode[]): AnyStateNode => entered[entered.length - 1] as AnyStateNode

function pathOf(node: AnyStateNode): AnyStateNode[] {
  return node.parent === undefined ? [node] : [node, ...pathOf(node.parent)]
}

/** The states that are entered with a state, down to a leaf. */
function initialBelow(node: AnyStateNode): AnyStateNode[] {
  const first = node.type === 'compound' ? node.initial.target[0] : undefined
  return first === undefined ? [] : [first, ...initialBelow(first)]
}

const isBelow = (node: AnyStateNode, ancestor: AnyStateNode): boolean =>
  node !== ancestor && pathOf(node).includes(ancestor)

/** The innermost state that a transition stays in. SCXML: `getTransitionDomain`. */
function domainOf(aim: AnyStateNode, source: AnyStateNode, reenter: boolean): AnyStateNode {
  if (!reenter && (aim === source || isBelow(aim, source))) return source
  const [, ...ancestors] = pathOf(aim)
  return ancestors.find((node) => isBelow(source, node)) ?? source.machine.root
}

/** As XState writes it: the root has no name in it. */
function stateValueOf(path: readonly AnyStateNode[]): StateValue {
  return path
    .slice(0, -1)
    .reduce<StateValue>((value, { key }, depth) => (depth === 0 ? key : { [key]: value }), {})
}

function assertPlain(node: AnyStateNode): void {
  const { type, after, initial } = node
  const isPlain = type !== 'parallel' && type !== 'history' && after.length === 0
  if (!isPlain || (type === 'compound' && initial.actions.length > 0)) {
    throw new ConfigurationError(`The state ${node.id} is of a kind that is not driven.`)
  }
  for (const child of Object.values(node.states)) assertPlain(child)
}
