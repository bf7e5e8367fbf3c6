import { afterAll, describe, expect, it } from '@jest/globals'
import { replaceStories } from '../../src/testing/flow-stories.ts'
import { chosen } from './edge-cover.ts'
import { unplayable } from './flow-telling.ts'
import { ReplacePlayer } from './replace-player.ts'
import { leftOut, methods, Stage } from './stage.ts'

const stories = replaceStories()
const played = stories.filter((story) => unplayable(story) === null)

// A verified connection belongs to its process: test/engine/flow-work/replace.test.ts covers a restart.
describe.each(methods.filter(({ restarting }) => !restarting))(
  'the replacement of an account over $store',
  (way) => {
    const stage = new Stage(way)
    afterAll(() => stage.clear())

    it.each(chosen(played))('$title', async (story) => {
      await stage.play(async (world, scope) => {
        const player = new ReplacePlayer(world, story, scope)
        await player.play(way.restarting)
        await player.clear()
      })
    })
  },
)

describe('replaceStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(`replace flow: ${played.length} paths × 2 stores${leftOut(stories, unplayable)}`)
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(100)
  })
})
