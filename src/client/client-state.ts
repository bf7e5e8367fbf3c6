import type { AttentionItem, EntryCounts, EntryView } from '../engine/api/entries.ts'
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
  /** Time of the next attempt to reconnect (ms since the epoch). Null if none is planned. */
  readonly retryAt: number | null
  /** The entries that are not ignored. See `entryList`. */
  readonly entries: ReadonlyMap<string, EntryView>
  /**
   * `loading`: `entries` is filled page by page. The entries from before stay until then. `complete`: it has all entries.
   * `partial`: the scope has more than 10,000 entries, and `entries` has only those that were read.
   */
  readonly entryList: 'loading' | 'complete' | 'partial'
  /** The numbers of entries according to the server, as of the last snapshot. Current if `entryList` is `partial`. */
  readonly counts: EntryCounts | null
  /** The ignored entries, at most 1,000. They are not in `entries`. */
  readonly ignored: ReadonlyMap<string, EntryView>
  /** The open flows that do not edit an entry, those that were read, and the latest results. */
  readonly flows: ReadonlyMap<string, View>
  /**
   * The attention items by entry id, at most 1,000 if `entryList` is `partial`. Those of an integration have the key
   * `client:` and its domain, those of a webhook `webhook:` and its id.
   */
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
        readonly counts: EntryCounts
        readonly ignored: readonly EntryView[]
        readonly flows: readonly View[]
        readonly attention: readonly AttentionItem[]
      }
    }
  | { readonly type: 'integrations'; readonly data: readonly IntegrationView[] }
  | {
      /** A page of entries. `gone`: entries that the list does not have any more. Only with the last page. */
      readonly type: 'entries'
      readonly data: { readonly items: readonly EntryView[]; readonly gone?: readonly string[] }
    }
  | { readonly type: 'counts'; readonly data: EntryCounts }
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

/** The number of entries up to which `entries` has all. */
const MAX_LISTED = 10_000

/** Maximum number of results that stay in the state, for dialogs that still show them. */
const MAX_RESULTS = 50

/** The initial state. */
export const initialState: ClientState = {
  connection: 'connecting',
  error: null,
  retryAt: null,
  entries: new Map(),
  entryList: 'loading',
  counts: null,
  ignored: new Map(),
  flows: new Map(),
  attention: new Map(),
  integrations: null,
  states: new Map(),
  parallel: new Map(),
}

/**
 * Returns the state after a change. Pure. Views that are older than the current ones are ignored. `own`: the maps that
 * the caller has created, and that it may change.
 */
export function fold(state: ClientState, { type, data }: Change, own: Set<unknown> = new Set()): ClientState {
  const edited = <Value>(map: ReadonlyMap<string, Value>): Map<string, Value> => {
    const copy = own.has(map) ? (map as Map<string, Value>) : new Map(map)
    own.add(copy)
    return copy
  }
  const without = <Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> => {
    if (!map.has(key)) return map
    const rest = edited(map)
    rest.delete(key)
    return rest
  }
  const isUnlisted = (id: string): boolean => state.entryList === 'partial' && !state.entries.has(id)
  switch (type) {
    case 'snapshot':
      return {
        ...state,
        ...(data.counts.all > MAX_LISTED
          ? // Entries may have changed since they were read.
            { entryList: 'partial' as const, entries: initialState.entries }
          : { entryList: 'loading' as const }),
        counts: data.counts,
        ignored: byId(data.ignored),
        flows: new Map([
          ...[...state.flows].filter(([, view]) => hasEnded(view)),
          ...data.flows.map((view) => [view.flowId, newerView(state.flows.get(view.flowId), view)] as const),
        ]),
        attention: new Map(data.attention.map((item) => [attentionKey(item), item])),
        states: new Map(),
        parallel: new Map(),
      }
    case 'entries': {
      const entries = edited(state.entries)
      for (const entry of data.items) entries.set(entry.entryId, newer(entries, entry))
      if (data.gone === undefined) return { ...state, entries }
      for (const id of data.gone) entries.delete(id)
      return { ...state, entries, entryList: 'complete' }
    }
    case 'counts':
      return { ...state, counts: data }
    case 'integrations':
      return { ...state, integrations: data }
    case 'flow': {
      const current = state.flows.get(data.flowId)
      const view = newerView(current, data)
      return view === current ? state : withView(state, view)
    }
    case 'entry': {
      const { entryId } = data
      if (data.ignored) return { ...state, ignored: edited(state.ignored).set(entryId, data) }
      return { ...state, entries: edited(state.entries).set(entryId, newer(state.entries, data)) }
    }
    case 'checked': {
      const entries = edited(state.entries)
      for (const { entryId, checkedAt } of data.entries) {
        const entry = entries.get(entryId)
        if (entry !== undefined) entries.set(entryId, { ...entry, checkedAt })
      }
      return { ...state, entries }
    }
    case 'entry_removed': {
      const { entryId } = data
      return {
        ...state,
        entries: without(state.entries, entryId),
        ignored: without(state.ignored, entryId),
        attention: without(state.attention, entryId),
        states: without(state.states, entryId),
        parallel: without(state.parallel, entryId),
      }
    }
    case 'attention': {
      const { item } = data
      const key = attentionKey(data)
      const attention = item === null ? without(state.attention, key) : edited(state.attention).set(key, item)
      return { ...state, attention }
    }
    case 'transition': {
      const { machine, id, to } = data
      if (isUnlisted(id) && !state.flows.has(id)) return state
      if (isParallel(machine))
        return { ...state, parallel: edited(state.parallel).set(id, { machine, state: to }) }
      return { ...state, states: edited(state.states).set(id, to) }
    }
    default:
      // A newer server may send types that this client does not know.
      return state
  }
}

const byId = (entries: readonly EntryView[]): ReadonlyMap<string, EntryView> =>
  new Map(entries.map((entry) => [entry.entryId, entry]))

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
    flows: withoutAll(flows, gone),
    states: withoutAll(state.states, gone),
    parallel: withoutAll(state.parallel, gone),
  }
}

function withoutAll<Value>(
  map: ReadonlyMap<string, Value>,
  keys: readonly string[],
): ReadonlyMap<string, Value> {
  const rest = new Map(map)
  for (const key of keys) rest.delete(key)
  return rest
}
