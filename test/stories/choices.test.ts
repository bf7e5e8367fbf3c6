import { afterAll, describe, expect, it } from '@jest/globals'
import { choiceStories } from '../../src/testing/choice-stories.ts'
import { Calendars, ChoicesPlayer } from './choices-player.ts'
import { edgeCover } from './edge-cover.ts'
import { unplayable } from './flow-telling.ts'
import { leftOut, methods, Stage } from './stage.ts'

const stories = [...choiceStories('options'), ...choiceStories('subentry')]
const playable = stories.filter((story) => unplayable(story) === null)
/** A few stories that together take every edge, or all with `STORIES=all`. */
const played = process.env.STORIES === 'all' ? playable : edgeCover(playable)

describe.each(methods)('choices of an entry over $store, restarting: $restarting', (way) => {
  const calendars = new Calendars()
  const stage = new Stage(way, calendars.parts)
  afterAll(() => stage.clear())

  it.each(played)('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new ChoicesPlayer(world, story, { scope, calendars })
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('choiceStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(
      `choices: ${played.length} of ${playable.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayable)}`,
    )
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(playable.length).toBeGreaterThan(100)
  })
})
