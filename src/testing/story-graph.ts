import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  transition,
} from 'xstate'
import { type AdjacencyMap, getAdjacencyMap, getSimplePaths } from 'xstate/graph'
import { stateName } from '../engine/statecharts/state-name.ts'

/** What comes of one piece of work, or an event that interrupts it. */
export interface StoryTurn {
  /** The work, or null for an event from outside. */
  readonly work: string | null
  /** What comes of the work, or the event. */
  readonly comes: string
}

/** A machine with the world around it: what may happen to it where it stands, each by a name. */
export interface StoryModel {
  readonly machine: AnyStateMachine
  readonly input: object
  /** The events that a person, a host or time may send, by name; a state that does not take one is left out. */
  readonly events: (snapshot: AnyMachineSnapshot) => Readonly<Record<string, AnyEventObject>>
  /** What may come of each work, by name. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, Outcome>>>>
  /** Tells two snapshots apart; what is equal here is one state of a path. */
  readonly sameness: (snapshot: AnyMachineSnapshot, before: AnyMachineSnapshot | undefined) => unknown
  /** Events that lead nowhere that others do not: each is walked once where it may happen, and no path goes on from it. */
  readonly beside?: readonly string[]
}

export type Outcome = { readonly output: unknown } | { readonly error: Error }

/** One step of a path: what happened, and how the machine stands after it. */
export interface PathStep {
  readonly invocation: StoryTurn
  readonly event: AnyEventObject
  readonly snapshot: AnyMachineSnapshot
}

type Told = AnyEventObject & { readonly invocation: StoryTurn }

/**
 * Every simple path of a machine, as long as it goes, and for every transition that closes a circle, or runs beside
 * another, one path more that takes it: so every path is walked, and every transition.
 */
export function pathsOf(model: StoryModel): PathStep[][] {
  const { machine, input } = model
  const keys = new WeakMap<AnyMachineSnapshot, string>()
  const keyOf = (
    snapshot: AnyMachineSnapshot,
    _event?: AnyEventObject,
    before?: AnyMachineSnapshot,
  ): string => {
    const key = JSON.stringify([
      stateName(snapshot.value),
      historyOf(snapshot),
      model.sameness(snapshot, before),
    ])
    keys.set(snapshot, key)
    return key
  }
  const options = {
    input,
    events: (snapshot: AnyMachineSnapshot) => eventsOf(model, snapshot),
    serializeState: keyOf,
    serializeEvent: (event: AnyEventObject) => JSON.stringify(turnOf(event)),
  }
  const map = placesOf(getAdjacencyMap(machine, options))
  const first = new Set<string>()
  const edges = map.flatMap(([from, { state, transitions }]) => {
    const reached = new Set<string>()
    return Object.values(transitions).map(({ event, state: next }) => {
      const to = keyOf(next, event, state)
      const edge: Edge = { from, to, step: { invocation: turnOf(event), event, snapshot: next } }
      const { work, comes } = edge.step.invocation
      const isBeside = work === null && model.beside?.includes(comes) === true
      if (!isBeside && !reached.has(to)) first.add(nameOf(edge))
      if (!isBeside) reached.add(to)
      return edge
    })
  })
  const filterEvents = (snapshot: AnyMachineSnapshot, event: AnyEventObject) =>
    first.has(`${keys.get(snapshot)} ${JSON.stringify(turnOf(event))}`)
  const simple = getSimplePaths(machine, { ...options, filterEvents }).map(({ steps }) =>
    steps.slice(1).map(({ event, state }) => ({ invocation: turnOf(event), event, snapshot: state })),
  )
  const longest = withoutBeginnings(simple)
  const start = map[0]?.[0] ?? ''
  const walked = new Set(longest.flatMap((path) => namesOf(start, path, keyOf)))
  const more = edges.filter((edge) => !walked.has(nameOf(edge)))
  const all = [...longest, ...more.map((edge) => throughEdge(edges, start, edge))]
  return replayed(model, [
    ...new Map(all.map((path) => [JSON.stringify(path.map(({ invocation }) => invocation)), path])).values(),
  ])
}

/** The states that history states return to. While the parent of a history state is active, its history is not read. */
const historyOf = ({ historyValue, _nodes }: AnyMachineSnapshot): unknown =>
  Object.entries(historyValue).flatMap(([history, nodes]) => {
    const isRead = nodes.every(({ parent }) => parent !== undefined && !_nodes.includes(parent))
    return isRead ? [[history, nodes.map(({ id }) => id)]] : []
  })

/** The same paths with the machine's own snapshots: those of the graph stand for all that are the same. */
function replayed({ machine, input }: StoryModel, paths: readonly PathStep[][]): PathStep[][] {
  const [first] = initialTransition(machine, input)
  const nexts = new Map<AnyMachineSnapshot, Map<string, AnyMachineSnapshot>>()
  return paths.map((path) => {
    let snapshot = first
    return path.map(({ invocation, event }) => {
      const known = nexts.get(snapshot) ?? new Map<string, AnyMachineSnapshot>()
      nexts.set(snapshot, known)
      const name = JSON.stringify(invocation)
      snapshot = known.get(name) ?? transition(machine, snapshot, event)[0]
      known.set(name, snapshot)
      return { invocation, event, snapshot }
    })
  })
}

const placesOf = (map: AdjacencyMap<AnyMachineSnapshot, AnyEventObject>) =>
  Object.entries(map) as [string, Place][]

interface Place {
  readonly state: AnyMachineSnapshot
  readonly transitions: { readonly [event: string]: { event: AnyEventObject; state: AnyMachineSnapshot } }
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly step: PathStep
}

const nameOf = ({ from, step }: Edge): string => `${from} ${JSON.stringify(step.invocation)}`

function namesOf(
  start: string,
  path: readonly PathStep[],
  keyOf: (snapshot: AnyMachineSnapshot, event?: AnyEventObject, before?: AnyMachineSnapshot) => string,
): string[] {
  let from = start
  let before: AnyMachineSnapshot | undefined
  return path.map(({ invocation, snapshot }) => {
    const name = `${from} ${JSON.stringify(invocation)}`
    from = keyOf(snapshot, undefined, before)
    before = snapshot
    return name
  })
}

function eventsOf(model: StoryModel, snapshot: AnyMachineSnapshot): Told[] {
  if (snapshot.status !== 'active') return []
  const sent = Object.entries(model.events(snapshot)).flatMap(([comes, event]) =>
    snapshot.can(event) ? [{ ...event, invocation: { work: null, comes } }] : [],
  )
  const work = Object.keys(snapshot.children).flatMap((id) =>
    Object.entries(model.outcomes[id] ?? {}).map(([comes, outcome]) => ({
      type: `xstate.${'error' in outcome ? 'error' : 'done'}.actor.${id}`,
      actorId: id,
      ...outcome,
      invocation: { work: id, comes },
    })),
  )
  // A story plays a delay by advancing its clock.
  const elapsed = snapshot._nodes.flatMap(({ after }) =>
    after.map(({ delay, eventType: type }) => ({
      type,
      invocation: { work: null, comes: `after ${delay}` },
    })),
  )
  return [...work, ...sent, ...elapsed]
}

const turnOf = (event: AnyEventObject): StoryTurn => (event as Told).invocation

/** Only those paths that no other goes on from. */
function withoutBeginnings(paths: readonly PathStep[][]): PathStep[][] {
  const begun = new Set<string>()
  const nameAt = (path: PathStep[], length: number) =>
    JSON.stringify(path.slice(0, length).map(({ invocation }) => invocation))
  for (const path of paths) {
    for (let length = 0; length < path.length; length++) begun.add(nameAt(path, length))
  }
  return paths.filter((path) => !begun.has(nameAt(path, path.length)))
}

/** The shortest way to a transition, through it, and on to where the machine rests. */
function throughEdge(edges: readonly Edge[], start: string, edge: Edge): PathStep[] {
  const to = shortest(edges, start, ({ key }) => key === edge.from)
  const rests = ({ snapshot }: { snapshot?: AnyMachineSnapshot }) => snapshot?.hasTag('working') === false
  const on = rests(edge.step) ? [] : shortest(edges, edge.to, rests)
  return [...to, edge.step, ...on]
}

function shortest(
  edges: readonly Edge[],
  start: string,
  isThere: (place: { key: string; snapshot?: AnyMachineSnapshot }) => boolean,
): PathStep[] {
  const seen = new Set([start])
  const queue: { key: string; path: PathStep[] }[] = [{ key: start, path: [] }]
  for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
    const { key, path } = place
    const last = path.at(-1)
    if (isThere({ key, ...(last !== undefined && { snapshot: last.snapshot }) })) return path
    for (const { from, to, step } of edges) {
      if (from !== key || seen.has(to)) continue
      seen.add(to)
      queue.push({ key: to, path: [...path, step] })
    }
  }
  throw new Error(`No path leads there from ${start}.`)
}
