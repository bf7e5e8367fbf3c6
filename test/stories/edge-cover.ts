import type { Story } from '../../src/testing/index.ts'

/** Whether this is the quick lane: see `jest.quick.config.js`. */
export const isQuick = process.env.STORIES === 'edges'

/**
 * The stories to play: all of them, or an edge cover in the quick lane. With restarts and over HTTP, an edge cover too,
 * unless `STORIES=all`: the path to a state, which differs, is forgotten by a restart, and unknown to HTTP.
 */
export function chosen<Told extends Story<string>>(
  stories: readonly Told[],
  isRepeated = false,
): readonly Told[] {
  return isQuick || (isRepeated && process.env.STORIES !== 'all') ? edgeCover(stories) : stories
}

/** A few of the stories that together take every edge that all of them take: next the one with the most new edges. */
export function edgeCover<Told extends Story<string>>(
  stories: readonly Told[],
  edges: (story: Told) => readonly string[] = edgesOf,
): readonly Told[] {
  const open = new Map(stories.map((story) => [story, new Set(edges(story))]))
  const cover: Told[] = []
  for (;;) {
    const [next] = [...open].sort(([, a], [, b]) => b.size - a.size)
    if (next === undefined || next[1].size === 0) return cover
    const [story, taken] = next
    cover.push(story)
    open.delete(story)
    for (const others of open.values()) for (const edge of taken) others.delete(edge)
  }
}

/** The edges of a story without their history: each event in its state, and each result of a work. */
export function plainEdgesOf({ source, onAccountMismatch, steps }: Story<string>): readonly string[] {
  const states = ['nothing', ...steps.map(({ rest }) => rest.state)]
  const edges = steps.flatMap(({ does, brings }, index) => [
    `${states[index]} > ${does}`,
    ...brings.map(({ work, comes }) => `${work} ${comes}`),
  ])
  return edges.map((edge) => `${source}, ${onAccountMismatch}: ${edge}`)
}

/**
 * All stories with `STORIES=all`, or a few that together take every edge without its history: with restarts, once for all
 * sources.
 */
export function fewOf<Told extends Story<string>>(
  stories: readonly Told[],
  restarting = false,
): readonly Told[] {
  if (process.env.STORIES === 'all') return stories
  const ofAny = { source: 'any', onAccountMismatch: 'abort' } as const
  return edgeCover(stories, (story) => plainEdgesOf(restarting ? { ...story, ...ofAny } : story))
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
