import { afterAll, describe, expect, it } from '@jest/globals'
import { configEntryStories } from '../../src/testing/index.ts'
import { chosen } from './edge-cover.ts'
import { EntryPlayer, unplayableEntry } from './entry-player.ts'
import { versions } from './entry-rivals.ts'
import { leftOut, methods, Stage } from './stage.ts'
import { PATIENCE } from './work-plan.ts'

const stories = configEntryStories()
const played = stories.filter((story) => unplayableEntry(story) === null)

describe.each(methods)('the life of an entry over $store, restarting: $restarting', (way) => {
  const stage = new Stage(way, { connectTimeout: PATIENCE, ...versions })
  afterAll(() => stage.clear())

  it.each(chosen(played, way.restarting))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new EntryPlayer(world, story, scope)
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('configEntryStories', () => {
  it('tells each story once', () => {
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
  })

  it('omits only unreachable paths', () => {
    console.log(
      `config entry: ${played.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayableEntry)}`,
    )
    expect(played.length).toBeGreaterThan(200)
  })
})
