import { afterAll, describe, expect, it } from '@jest/globals'
import { discoveryStories, importStories } from '../../src/testing/flow-stories.ts'
import type { Story } from '../../src/testing/index.ts'
import { chosen } from './edge-cover.ts'
import { FoundPlayer, unplayableUnasked } from './found-player.ts'
import { leftOut, methods, Stage } from './stage.ts'

const stories: readonly Story<'discovery' | 'import'>[] = [...discoveryStories(), ...importStories()]
const played = stories.filter((story) => unplayableUnasked(story) === null)

/** Whether the user confirms another account than announced. */
const confirms = ({ steps }: Story<'discovery' | 'import'>) => steps.some(({ does }) => does === 'confirm')

/** The facts of an integration that a story needs. */
const kinds = {
  plain: {},
  only: { singleInstance: true },
  matched: { abortIfEntriesMatch: ['host'] },
  'moved, and followed': { discovery: { followAddress: true } },
} as const
const kindOf = ({ source, steps }: Story<'discovery' | 'import'>): keyof typeof kinds => {
  const turns = steps.flatMap(({ brings }) => brings)
  const comes = new Set(turns.map((invocation) => invocation.comes))
  // An import with singleInstance looks for an entry.
  if (source === 'import' && turns[0]?.work === 'findAccount' && turns[0].comes === 'throws') return 'only'
  return (Object.keys(kinds) as (keyof typeof kinds)[]).find((kind) => comes.has(kind)) ?? 'plain'
}

describe.each(methods)('an unattended flow over $store, restarting: $restarting', (way) => {
  const stages = new Map(Object.entries(kinds).map(([kind, overrides]) => [kind, new Stage(way, overrides)]))
  afterAll(async () => {
    for (const stage of stages.values()) await stage.clear()
  })

  // A verified connection belongs to its process: test/engine/flow-start/discovery.test.ts covers a restart.
  const playable = way.restarting ? played.filter((story) => !confirms(story)) : played
  it.each(chosen(playable, way.restarting))('$title', async (story) => {
    await stages.get(kindOf(story))?.play(async (world, scope) => {
      const player = new FoundPlayer(world, story, scope)
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('discoveryStories, importStories', () => {
  it('play each story once, and omit only unreachable ones', () => {
    console.log(
      `discoveries and imports: ${played.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayableUnasked)}`,
    )
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(250)
  })
})
