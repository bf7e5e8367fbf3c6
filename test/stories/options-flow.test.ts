import { afterAll, describe, expect, it } from '@jest/globals'
import { optionsFlowStories } from '../../src/testing/flow-stories.ts'
import { chosen } from './edge-cover.ts'
import { unplayable } from './flow-telling.ts'
import { OptionsPlayer, options } from './options-player.ts'
import { leftOut, methods, Stage } from './stage.ts'

const stories = optionsFlowStories()
const played = stories.filter((story) => unplayable(story) === null)

describe.each(methods)('the options flow over $store, restarting: $restarting', (way) => {
  const stage = new Stage(way, { options })
  afterAll(() => stage.clear())

  it.each(chosen(played))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new OptionsPlayer(world, story, scope)
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('optionsFlowStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(
      `options flow: ${played.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayable)}`,
    )
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(25)
  })
})
