import { useSyncExternalStore } from 'react'
import { home, type Level, parseRoute, type Route, stepTo, urlOf } from './route.ts'

/** The part of the browser's history state that the page uses. */
interface Place {
  /** The levels that the page has opened, each as one step of the history. */
  readonly pushed: readonly Level[]
  /** The scroll position with which the page was left. */
  readonly scroll: number
}

const listeners = new Set<() => void>()
let current: Route | undefined

// The page restores its own scroll position: the browser would do so before the rows are there.
history.scrollRestoration = 'manual'
addEventListener('popstate', changed)
addEventListener('pagehide', () => history.replaceState(place(scrollY), ''))

/** The current route. The component renders again when it changes. */
export const useRoute = (): Route => useSyncExternalStore(listen, now)

/**
 * Changes the route. A level that opens (the page of an entry, the picker, a flow) is a step of the browser's history, which
 * the back button undoes. Filters and tabs add no step.
 *
 * Closing a level that the page opened goes back in the history, so the route changes later.
 */
export function navigate(change: Partial<Route>): void {
  const from = now()
  const to = { ...from, ...change }
  const step = stepTo(from, to, place().pushed)
  if (step.type === 'back') {
    history.go(-step.by)
    return
  }
  if (step.type === 'push') history.replaceState(place(scrollY), '')
  const next: Place = { pushed: step.levels, scroll: step.type === 'push' ? 0 : place().scroll }
  const url = `${location.pathname}${urlOf(to)}`
  if (step.type === 'push') history.pushState(next, '', url)
  else history.replaceState(next, '', url)
  changed()
}

/** The URL of a route, for a link. Omitted parts are those of the plain list. */
export const hrefOf = (route: Partial<Route>): string => `${location.pathname}${urlOf({ ...home, ...route })}`

/** The scroll position with which the user left the current place of the history. */
export const lastScroll = (): number => place().scroll

function place(scroll?: number): Place {
  const { pushed = [], scroll: known = 0 }: Partial<Place> = history.state ?? {}
  return { pushed, scroll: scroll ?? known }
}

function now(): Route {
  current ??= parseRoute(location)
  return current
}

function changed(): void {
  current = undefined
  for (const listener of [...listeners]) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
