import type { AttentionItem, EntryView } from '../engine/api/entries.ts'
import type { CheckedEntry, ParallelMachineName } from '../engine/api/events.ts'
import type { IntegrationView } from '../engine/api/latchkey.ts'
import type { View } from '../view.ts'
import type { ProblemError } from './problem-error.ts'

/** The state of a client's scope. Immutable: a change returns a new object that shares the unchanged parts. */
export interface ClientState {
  /** `lost`: the stream broke and the client reconnects, or the server refused it with `error`. */
  readonly connection: 'connecting' | 'open' | 'lost'
  /**
   * The error with which the server refused the stream. After 401 and 403, the client does not reconnect until the next
   * `subscribe`.
   */
  readonly error: ProblemError | null
  readonly entries: ReadonlyMap<string, EntryView>
  /** The ignored entries. They are not in `entries`. */
  readonly ignored: ReadonlyMap<string, EntryView>
  /** The open flows, and the latest results. */
  readonly flows: ReadonlyMap<string, View>
  /** The attention items by entry id. Those of an integration have the key `client:` and its domain, those of a
   * webhook `webhook:` and its id. */
  readonly attention: ReadonlyMap<string, AttentionItem>
  /** The integrations for new entries. Null until they are loaded, which `client.integrations.watch` begins. */
  readonly integrations: readonly IntegrationView[] | null
  /** The latest state of each flow and entry, by id. */
  readonly states: ReadonlyMap<string, string>
  /**
   * The latest state of machines that run next to a flow (its sign-in) or an entry (its token), by the id of the flow
   * or entry.
   */
  readonly parallel: ReadonlyMap<string, { readonly machine: ParallelMachineName; readonly state: string }>
}

/** A change of the state: a message of the stream, or a response. */
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
  | { readonly type: 'integrations'; readonly data: readonly IntegrationView[] }
  | { readonly type: 'flow'; readonly data: View }
  | { readonly type: 'entry'; readonly data: EntryView }
  | { readonly type: 'entry_removed'; readonly data: { readonly entryId: string } }
  | { readonly type: 'checked'; readonly data: { readonly entries: readonly CheckedEntry[] } }
  | {
      readonly type: 'attention'
      readonly data:
        | { readonly entryId: string; readonly item: AttentionItem | null }
        | { readonly entryId: null; readonly domain: string; readonly item: AttentionItem | null }
    }
  | {
      readonly type: 'transition'
      readonly data: { readonly machine?: string; readonly id: string; readonly to: string }
    }

/** Maximum number of results that stay in the state, for dialogs that still show them. */
const MAX_RESULTS = 50

/** The initial state. */
export const initialState: ClientState = {
  connection: 'connecting',
  error: null,
  entries: new Map(),
  ignored: new Map(),
  flows: new Map(),
  attention: new Map(),
  integrations: null,
  states: new Map(),
  parallel: new Map(),
}

/** Returns the state after a change. Pure. Views that are older than the current ones are ignored. */
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
        attention: new Map(data.attention.map((item) => [attentionKey(item), item])),
        states: new Map(),
        parallel: new Map(),
      }
    case 'integrations':
      return { ...state, integrations: data }
    case 'flow': {
      const current = state.flows.get(data.flowId)
      const view = newerView(current, data)
      return view === current ? state : withView(state, view)
    }
    case 'entry': {
      const { entryId } = data
      if (data.ignored) return { ...state, ignored: new Map(state.ignored).set(entryId, data) }
      return { ...state, entries: new Map(state.entries).set(entryId, newer(state.entries, data)) }
    }
    case 'checked':
      return { ...state, entries: withChecks(state.entries, data.entries) }
    case 'entry_removed': {
      const { entryId } = data
      return {
        ...state,
        entries: without(state.entries, [entryId]),
        ignored: without(state.ignored, [entryId]),
        attention: without(state.attention, [entryId]),
        states: without(state.states, [entryId]),
        parallel: without(state.parallel, [entryId]),
      }
    }
    case 'attention': {
      const { item } = data
      const key = attentionKey(data)
      const others = without(state.attention, [key])
      return { ...state, attention: item === null ? others : new Map(others).set(key, item) }
    }
    case 'transition': {
      const { machine, id, to } = data
      if (isParallel(machine))
        return { ...state, parallel: new Map(state.parallel).set(id, { machine, state: to }) }
      return { ...state, states: new Map(state.states).set(id, to) }
    }
    default:
      // A newer server may send types that this client does not know.
      return state
  }
}

/** Returns the key of an attention item in the state. */
const attentionKey = ({ entryId, domain, webhookId }: AttentionName): string =>
  entryId ?? (webhookId === undefined ? `client:${domain}` : `webhook:${webhookId}`)

type AttentionName = {
  readonly entryId: string | null
  readonly domain?: string
  readonly webhookId?: string
}

const isParallel = (machine: string | undefined): machine is ParallelMachineName =>
  machine === 'authorizationCode' || machine === 'deviceCode' || machine === 'token'

const hasEnded = (view: View): boolean => view.type === 'create_entry' || view.type === 'abort'

const newerView = (current: View | undefined, view: View): View =>
  current !== undefined && (current.revision > view.revision || (hasEnded(current) && !hasEnded(view)))
    ? current
    : view

const newer = (known: ClientState['entries'], entry: EntryView): EntryView => {
  const current = known.get(entry.entryId)
  return current !== undefined && current.revision > entry.revision ? current : entry
}

function withView(state: ClientState, view: View): ClientState {
  // The latest result is last, so that the oldest ones are removed.
  const flows = new Map(state.flows)
  flows.delete(view.flowId)
  flows.set(view.flowId, view)
  const ends = [...flows.values()].filter(hasEnded).map(({ flowId }) => flowId)
  if (ends.length <= MAX_RESULTS) return { ...state, flows }
  const gone = ends.slice(0, -MAX_RESULTS)
  return {
    ...state,
    flows: without(flows, gone),
    states: without(state.states, gone),
    parallel: without(state.parallel, gone),
  }
}

/** Returns the entries with the last answers of their services. */
function withChecks(
  entries: ClientState['entries'],
  checks: readonly CheckedEntry[],
): ClientState['entries'] {
  const changed = new Map(entries)
  for (const { entryId, checkedAt } of checks) {
    const entry = changed.get(entryId)
    if (entry !== undefined) changed.set(entryId, { ...entry, checkedAt })
  }
  return changed
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
