import { useSyncExternalStore } from 'react'

/**
 * The part of the tour that the states of entries do not show. `running`: the user takes it. `broken`: the entry of the
 * example hub has needed a sign-in since. `left`: the user skipped or finished it.
 */
export type Tour = 'running' | 'broken' | 'left'

const KEY = 'latchkey-tour'
const listeners = new Set<() => void>()

/** The tour in this browser; null if it has never been shown. */
export const useTour = (): Tour | null => useSyncExternalStore(listen, read)

/** Shows the tour from the first step that is not done. */
export const startTour = (): void => remember('running')

export function remember(tour: Tour): void {
  localStorage.setItem(KEY, tour)
  for (const listener of [...listeners]) listener()
}

function read(): Tour | null {
  const stored = localStorage.getItem(KEY)
  return stored === 'running' || stored === 'broken' || stored === 'left' ? stored : null
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}
