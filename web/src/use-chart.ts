import { useEffect, useMemo, useState } from 'react'
import type { View } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { type ChartedMachine, type Loader, picturesOf, withoutIds } from './chart-pictures.ts'
import { type TextKey, useLanguage } from './language.tsx'
import { relabeled } from './relabeled.ts'
import { shows } from './transitions-from.ts'

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

/** A trail that ends with this state. */
export const endingWith = (state: string, trail: readonly string[] = []): readonly string[] =>
  trail.at(-1) === state ? trail : [...trail, state]

const loaded = new Map<Loader, string>()

/**
 * The picture that shows a state: the part about the entry or about the source of the flow, or the whole one. Null while it
 * loads.
 */
export function useChart(props: {
  readonly machine: ChartedMachine
  readonly source?: View['source'] | undefined
  readonly state: string
  readonly whole: boolean
}): string | null {
  const { machine, source, state, whole } = props
  const { t } = useLanguage()
  const pictures = picturesOf(machine, source)
  const story = usePicture(pictures.story)
  // A state that the story does not tell is only in the whole picture.
  const isWhole = whole || (story !== null && !shows(story, state))
  const all = usePicture(isWhole ? pictures.whole : null)
  const picture = isWhole ? all : story
  return useMemo(
    () =>
      picture === null || isWhole || machine !== 'configEntry'
        ? picture
        : relabeled(picture, (part) => t(`story.${part}` as TextKey)),
    [picture, isWhole, machine, t],
  )
}

/** A picture, which loads on demand; null until then. */
function usePicture(loader: Loader | null): string | null {
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
