import { asSent, decoded } from './pasted.ts'

/** The tabs of the page of an entry. */
const tabs = ['overview', 'options', 'history', 'developer'] as const
/** The states that the list can be filtered by. */
const stateFilters = ['all', 'attention', 'offline', 'connected', 'disabled'] as const
const groupings = ['integration', 'state', 'none'] as const

/** The part of the page that its URL describes. */
export interface Route {
  /** The search of the list. */
  readonly q: string
  readonly state: (typeof stateFilters)[number]
  /** The integration that the list is filtered by, or null. */
  readonly domain: string | null
  /** Null if the user has not chosen one. */
  readonly group: (typeof groupings)[number] | null
  /** The entry whose page is open, or null. */
  readonly entryId: string | null
  readonly tab: (typeof tabs)[number]
  readonly webhooks: boolean
  /** Whether the dialog to add an entry is open. */
  readonly picker: boolean
  /** The flow whose dialog is open, or null. */
  readonly flowId: string | null
}

/** A part of the page that the back button closes, from the bottom to the top. */
export type Level = 'entry' | 'webhooks' | 'picker' | 'flow'

/** The route of the plain list. */
export const home: Route = {
  q: '',
  state: 'all',
  domain: null,
  group: null,
  entryId: null,
  tab: 'overview',
  webhooks: false,
  picker: false,
  flowId: null,
}

const MAX_QUERY = 200

/** Returns the route of a URL. Values that it does not know count as absent. */
export function parseRoute(url: { readonly search: string; readonly hash: string }): Route {
  const query = new URLSearchParams(url.search)
  const given = (name: string): string | null => asSent(query.get(name) ?? '').slice(0, MAX_QUERY) || null
  const oneOf = <Value extends string>(values: readonly Value[], name: string): Value | null =>
    values.find((value) => value === query.get(name)) ?? null
  const entryId = given('entry')
  return {
    q: (query.get('q') ?? '').replace(/\p{Cc}+/gu, ' ').slice(0, MAX_QUERY),
    state: oneOf(stateFilters, 'state') ?? 'all',
    domain: given('domain'),
    group: oneOf(groupings, 'group'),
    entryId,
    tab: oneOf(tabs, 'tab') ?? 'overview',
    webhooks: entryId === null && query.has('webhooks'),
    picker: query.has('add'),
    flowId: /^#flow=([\w-]{1,200})$/.exec(asSent(decoded(url.hash)))?.[1] ?? null,
  }
}

/** Returns the query and the fragment of a route: `parseRoute` reads them. The page of an entry keeps no filters. */
export function urlOf(route: Route): string {
  const { q, state, domain, group, entryId, tab, webhooks, picker, flowId } = route
  const query = new URLSearchParams()
  if (entryId !== null) {
    query.set('entry', entryId)
    if (tab !== 'overview') query.set('tab', tab)
  } else if (!webhooks) {
    if (q !== '') query.set('q', q)
    if (state !== 'all') query.set('state', state)
    if (domain !== null) query.set('domain', domain)
    if (group !== null) query.set('group', group)
  }
  const flags = [entryId === null && webhooks ? 'webhooks' : '', picker ? 'add' : '']
  const search = [query.toString(), ...flags].filter(Boolean).join('&')
  return `${search === '' ? '' : `?${search}`}${flowId === null ? '' : `#flow=${flowId}`}`
}

/** Returns the open levels of a route. */
function levelsOf({ entryId, webhooks, picker, flowId }: Route): readonly Level[] {
  const open: Record<Level, boolean> = { entry: entryId !== null, webhooks, picker, flow: flowId !== null }
  return (['entry', 'webhooks', 'picker', 'flow'] as const).filter((level) => open[level])
}

/** The change of the browser's history that leads from one route to another. */
export type Step =
  | { readonly type: 'push' | 'replace'; readonly levels: readonly Level[] }
  | { readonly type: 'back'; readonly by: number }

/**
 * Returns the step from `from` to `to`. `pushed` are the levels that the page has opened as steps of the browser's history,
 * which `back` can undo.
 */
export function stepTo(from: Route, to: Route, pushed: readonly Level[]): Step {
  const before = levelsOf(from)
  const after = levelsOf(to)
  const opened = after.filter((level) => !before.includes(level))
  const closed = before.filter((level) => !after.includes(level))
  if (closed.length === 0 && opened.length > 0) return { type: 'push', levels: [...pushed, ...opened] }
  const top = pushed.slice(pushed.length - closed.length)
  if (opened.length === 0 && closed.length > 0 && closed.every((level) => top.includes(level)))
    return { type: 'back', by: closed.length }
  return { type: 'replace', levels: [...pushed.filter((level) => !closed.includes(level)), ...opened] }
}
