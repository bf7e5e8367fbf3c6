import type { Story } from '../../src/testing/index.ts'

/** Whether this is the quick lane: see `jest.quick.config.js`. */
export const isQuick = process.env.STORIES === 'edges'

/** The stories to play: all of them, or an edge cover in the quick lane. */
export function chosen<Told extends Story<string>>(stories: readonly Told[]): readonly Told[] {
  return isQuick ? edgeCover(stories) : stories
}

/** A few of the stories that together take every edge that all of them take. Long stories come first. */
export function edgeCover<Told extends Story<string>>(stories: readonly Told[]): readonly Told[] {
  const covered = new Set<string>()
  const longestFirst = [...stories].sort((a, b) => edgesOf(b).length - edgesOf(a).length)
  return longestFirst.filter((story) => {
    const found = edgesOf(story).filter((edge) => !covered.has(edge))
    for (const edge of found) covered.add(edge)
    return found.length > 0
  })
}

/** The edges of a story: each event or result, with the state or the result before it. */
export function edgesOf({ source, onAccountMismatch, steps }: Story<string>): readonly string[] {
  let from = 'nothing'
  const edges: string[] = []
  const take = (edge: string, to: string) => {
    edges.push(`${source}, ${onAccountMismatch}: ${from} > ${edge}`)
    from = to
  }
  for (const { does, brings, rest } of steps) {
    take(does, `${from}, ${does}`)
    for (const { work, comes } of brings) take(`${work} ${comes}`, `${work} ${comes}`)
    const { state, errors, challenge, reason } = rest
    const hasErrors = Object.keys(errors).length > 0
    from = JSON.stringify([state, hasErrors, challenge, reason])
  }
  return edges
}
