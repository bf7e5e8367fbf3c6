import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

/** The flow whose dialog is open. It is part of the URL: a reload opens it again, and the back button closes it. */
export function useOpenFlow(): readonly [flowId: string | null, open: (flowId: string | null) => void] {
  return [useSyncExternalStore(listen, inUrl), open]
}

const inUrl = (): string | null => /^#flow=([\w-]+)$/.exec(location.hash)?.[1] ?? null

function open(flowId: string | null): void {
  if (flowId === inUrl()) return
  if (flowId !== null) history.pushState({ opened: true }, '', `#flow=${flowId}`)
  else if (history.state?.opened === true)
    history.back() // Emits `popstate` when it is done.
  else history.replaceState(null, '', location.pathname + location.search)
  for (const listener of [...listeners]) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('popstate', listener)
  }
}
