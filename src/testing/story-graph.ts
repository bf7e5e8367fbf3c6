import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  transition,
} from 'xstate'
import { type AdjacencyMap, getAdjacencyMap, getSimplePaths } from 'xstate/graph'
import { stateName } from '../engine/statecharts/state-name.ts'

/** A result of work, or an external event. */
export interface StoryTurn {
  /** The work; `null` for an external event. */
  readonly work: string | null
  /** The name of the result or event. */
  readonly comes: string
}

/** A machine with its environment: the events and results that can occur, by name. */
export interface StoryModel {
  readonly machine: AnyStateMachine
  readonly input: object
  /** The events that users, hosts and time can send, by name. Events that a state does not accept are skipped. */
  readonly events: (snapshot: AnyMachineSnapshot) => Readonly<Record<string, AnyEventObject>>
  /** The possible results of each work, by name. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, Outcome>>>>
  /** Returns a key for a snapshot. Snapshots with equal keys are one state of a path. */
  readonly stateKey: (snapshot: AnyMachineSnapshot, before: AnyMachineSnapshot | undefined) => unknown
  /**
   * Events, and results as `work result`, that lead to the same states as others. Each is tested once per state, without
   * continuing the path.
   */
  readonly sideEvents?: readonly string[]
}

export type Outcome = { readonly output: unknown } | { readonly error: Error }

/** One step of a path: the event or result, and the snapshot after it. */
export interface PathStep {
  readonly invocation: StoryTurn
  readonly event: AnyEventObject
  readonly snapshot: AnyMachineSnapshot
}

type StoryEvent = AnyEventObject & { readonly invocation: StoryTurn }

/**
 * Returns all simple paths of a machine, and one more path for each transition that they do not contain. Together they
 * cover all paths and all transitions.
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
      model.stateKey(snapshot, before),
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
  const map = statesOf(getAdjacencyMap(machine, options))
  const first = new Set<string>()
  const edges = map.flatMap(([from, { state, transitions }]) => {
    const reached = new Set<string>()
    return Object.values(transitions).map(({ event, state: next }) => {
      const to = keyOf(next, event, state)
      const edge: Edge = { from, to, step: { invocation: turnOf(event), event, snapshot: next } }
      const { work, comes } = edge.step.invocation
      const name = work === null ? comes : `${work} ${comes}`
      const isSideEvent = model.sideEvents?.includes(name) === true
      if (!isSideEvent && !reached.has(to)) first.add(nameOf(edge))
      if (!isSideEvent) reached.add(to)
      return edge
    })
  })
  const filterEvents = (snapshot: AnyMachineSnapshot, event: AnyEventObject) =>
    first.has(`${keys.get(snapshot)} ${JSON.stringify(turnOf(event))}`)
  const simple = getSimplePaths(machine, { ...options, filterEvents }).map(({ steps }) =>
    steps.slice(1).map(({ event, state }) => ({ invocation: turnOf(event), event, snapshot: state })),
  )
  const longest = withoutPrefixes(simple)
  const start = map[0]?.[0] ?? ''
  const walked = new Set(longest.flatMap((path) => namesOf(start, path, keyOf)))
  const more = edges.filter((edge) => !walked.has(nameOf(edge)))
  const all = [...longest, ...more.map((edge) => pathThrough(edges, start, edge))]
  return replayed(model, [
    ...new Map(all.map((path) => [JSON.stringify(path.map(({ invocation }) => invocation)), path])).values(),
  ])
}

/** Returns the states that history states return to. While the parent of a history state is active, its history is not read. */
const historyOf = ({ historyValue, _nodes }: AnyMachineSnapshot): unknown =>
  Object.entries(historyValue).flatMap(([history, nodes]) => {
    const isRead = nodes.every(({ parent }) => parent !== undefined && !_nodes.includes(parent))
    return isRead ? [[history, nodes.map(({ id }) => id)]] : []
  })

/** Replays the paths on the machine, because snapshots of the graph stand for all with an equal key. */
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

const statesOf = (map: AdjacencyMap<AnyMachineSnapshot, AnyEventObject>) =>
  Object.entries(map) as [string, GraphState][]

interface GraphState {
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

function eventsOf(model: StoryModel, snapshot: AnyMachineSnapshot): StoryEvent[] {
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

const turnOf = (event: AnyEventObject): StoryTurn => (event as StoryEvent).invocation

/** Returns the paths that are not the beginning of another path. */
function withoutPrefixes(paths: readonly PathStep[][]): PathStep[][] {
  const prefixes = new Set<string>()
  const nameAt = (path: PathStep[], length: number) =>
    JSON.stringify(path.slice(0, length).map(({ invocation }) => invocation))
  for (const path of paths) {
    for (let length = 0; length < path.length; length++) prefixes.add(nameAt(path, length))
  }
  return paths.filter((path) => !prefixes.has(nameAt(path, path.length)))
}

/** Returns the shortest path that contains a transition and ends in a state without pending work. */
function pathThrough(edges: readonly Edge[], start: string, edge: Edge): PathStep[] {
  const to = shortest(edges, start, ({ key }) => key === edge.from)
  const rests = ({ snapshot }: { snapshot?: AnyMachineSnapshot }) => snapshot?.hasTag('working') === false
  const on = rests(edge.step) ? [] : shortest(edges, edge.to, rests)
  return [...to, edge.step, ...on]
}

function shortest(
  edges: readonly Edge[],
  start: string,
  isTarget: (place: { key: string; snapshot?: AnyMachineSnapshot }) => boolean,
): PathStep[] {
  const seen = new Set([start])
  const queue: { key: string; path: PathStep[] }[] = [{ key: start, path: [] }]
  for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
    const { key, path } = place
    const last = path.at(-1)
    if (isTarget({ key, ...(last !== undefined && { snapshot: last.snapshot }) })) return path
    for (const { from, to, step } of edges) {
      if (from !== key || seen.has(to)) continue
      seen.add(to)
      queue.push({ key: to, path: [...path, step] })
    }
  }
  throw new Error(`No path leads from ${start}.`)
}
