import type { AttentionItem, EntryView } from '../engine/api/entries.ts'
import type { ParallelMachineName } from '../engine/api/events.ts'
import type { View } from '../view.ts'
import type { ProblemError } from './problem-error.ts'

/** What a client knows of its scope; each change is a new object, and what did not change stays the same one. */
export interface ClientState {
  /** `lost`: the stream broke and the client is trying, or it was refused and `error` says why. */
  readonly connection: 'connecting' | 'open' | 'lost'
  /** Why the server refused the stream; after 401 and 403 nothing is tried until the next `subscribe`. */
  readonly error: ProblemError | null
  readonly entries: ReadonlyMap<string, EntryView>
  /** The entries that only keep something from being offered again; none of them is among `entries`. */
  readonly ignored: ReadonlyMap<string, EntryView>
  /** The open flows, and the last ends that were seen. */
  readonly flows: ReadonlyMap<string, View>
  /** By entry. */
  readonly attention: ReadonlyMap<string, AttentionItem>
  /** The state's name after the last transition that was seen, by flow and by entry. */
  readonly states: ReadonlyMap<string, string>
  /** What runs beside a flow (its sign-in) or an entry (its token), by their id: where it stood when it was seen last. */
  readonly beside: ReadonlyMap<string, { readonly machine: ParallelMachineName; readonly state: string }>
}

/** What changes a client's state: a message of the stream, or an answer. */
export type Change =
  | {
      readonly type: 'snapshot'
      readonly data: {
        readonly entries: readonly EntryView[]
        readonly ignored: readonly EntryView[]
        readonly flows: readonly View[]
        readonly attention: readonly AttentionItem[]
      }
    }
  | { readonly type: 'flow'; readonly data: View }
  | { readonly type: 'entry'; readonly data: EntryView }
  | { readonly type: 'entry_removed'; readonly data: { readonly entryId: string } }
  | {
      readonly type: 'attention'
      readonly data: { readonly entryId: string; readonly item: AttentionItem | null }
    }
  | {
      readonly type: 'transition'
      readonly data: { readonly machine?: string; readonly id: string; readonly to: string }
    }

/** How many ends are kept: for dialogs that still show them. */
const KEPT_ENDS = 50

/** What a client knows before it has asked. */
export const nothingKnown: ClientState = {
  connection: 'connecting',
  error: null,
  entries: new Map(),
  ignored: new Map(),
  flows: new Map(),
  attention: new Map(),
  states: new Map(),
  beside: new Map(),
}

/** The state after a change (pure). What is older than what is known changes nothing. */
export function fold(state: ClientState, { type, data }: Change): ClientState {
  switch (type) {
    case 'snapshot':
      return {
        ...state,
        entries: new Map(data.entries.map((entry) => [entry.entryId, newer(state.entries, entry)])),
        ignored: new Map(data.ignored.map((entry) => [entry.entryId, entry])),
        flows: new Map([
          ...[...state.flows].filter(([, view]) => hasEnded(view)),
          ...data.flows.map((view) => [view.flowId, newerView(state.flows.get(view.flowId), view)] as const),
        ]),
        attention: new Map(data.attention.map((item) => [item.entryId, item])),
        states: new Map(),
        beside: new Map(),
      }
    case 'flow': {
      const held = state.flows.get(data.flowId)
      const view = newerView(held, data)
      return view === held ? state : withView(state, view)
    }
    case 'entry': {
      const { entryId } = data
      if (data.ignored) return { ...state, ignored: new Map(state.ignored).set(entryId, data) }
      return { ...state, entries: new Map(state.entries).set(entryId, newer(state.entries, data)) }
    }
    case 'entry_removed': {
      const { entryId } = data
      return {
        ...state,
        entries: without(state.entries, [entryId]),
        ignored: without(state.ignored, [entryId]),
        attention: without(state.attention, [entryId]),
        states: without(state.states, [entryId]),
        beside: without(state.beside, [entryId]),
      }
    }
    case 'attention': {
      const { entryId, item } = data
      const others = without(state.attention, [entryId])
      return { ...state, attention: item === null ? others : new Map(others).set(entryId, item) }
    }
    case 'transition': {
      const { machine, id, to } = data
      if (isBeside(machine))
        return { ...state, beside: new Map(state.beside).set(id, { machine, state: to }) }
      return { ...state, states: new Map(state.states).set(id, to) }
    }
    default:
      // A newer server may say more than this client knows.
      return state
  }
}

const isBeside = (machine: string | undefined): machine is ParallelMachineName =>
  machine === 'authorizationCode' || machine === 'deviceCode' || machine === 'token'

const hasEnded = (view: View): boolean => view.type === 'create_entry' || view.type === 'abort'

const newerView = (held: View | undefined, view: View): View =>
  held !== undefined && (held.revision > view.revision || (hasEnded(held) && !hasEnded(view))) ? held : view

const newer = (known: ClientState['entries'], entry: EntryView): EntryView => {
  const held = known.get(entry.entryId)
  return held !== undefined && held.revision > entry.revision ? held : entry
}

function withView(state: ClientState, view: View): ClientState {
  // The newest is last, so that the oldest ends are the ones that go.
  const flows = new Map(state.flows)
  flows.delete(view.flowId)
  flows.set(view.flowId, view)
  const ends = [...flows.values()].filter(hasEnded).map(({ flowId }) => flowId)
  if (ends.length <= KEPT_ENDS) return { ...state, flows }
  const gone = ends.slice(0, -KEPT_ENDS)
  return {
    ...state,
    flows: without(flows, gone),
    states: without(state.states, gone),
    beside: without(state.beside, gone),
  }
}

function without<Value>(
  map: ReadonlyMap<string, Value>,
  keys: readonly string[],
): ReadonlyMap<string, Value> {
  if (!keys.some((key) => map.has(key))) return map
  const rest = new Map(map)
  for (const key of keys) rest.delete(key)
  return rest
}
