import { useEffect, useState } from 'react'
import { useLatchkey } from '../../src/react/index.ts'
import { type Loader, withoutIds } from './chart-pictures.ts'

/** The number of states of a trail. */
const LENGTH = 8

type Trails = ReadonlyMap<string, readonly string[]>

/** The states of entries and flows that were passed since the component is shown, with the current ones, by id. */
export function useTrails(): Trails {
  const { subscribe, getState } = useLatchkey()
  const [trails, setTrails] = useState<Trails>(() => along(new Map(), getState().states))
  // Collected outside of React, which skips states that end before it renders.
  useEffect(
    () =>
      subscribe(() => {
        const { states } = getState()
        setTrails((known) => along(known, states))
      }),
    [subscribe, getState],
  )
  return trails
}

function along(known: Trails, states: ReadonlyMap<string, string>): Trails {
  const moved = [...states].filter(([id, state]) => known.get(id)?.at(-1) !== state)
  if (moved.length === 0) return known
  const next = new Map(known)
  for (const [id, state] of moved) next.set(id, [...(known.get(id) ?? []), state].slice(-LENGTH))
  return next
}

const loaded = new Map<Loader, string>()

/** A picture, which loads on demand; null until then. */
export function usePicture(loader: Loader | null): string | null {
  const [, setLoads] = useState(0)
  useEffect(() => {
    if (loader === null || loaded.has(loader)) return undefined
    let isShown = true
    void loader().then(({ default: picture }) => {
      loaded.set(loader, withoutIds(picture))
      if (isShown) setLoads((count) => count + 1)
    })
    return () => {
      isShown = false
    }
  }, [loader])
  return loader === null ? null : (loaded.get(loader) ?? null)
}
