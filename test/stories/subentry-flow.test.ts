import { afterAll, describe, expect, it } from '@jest/globals'
import { subentryFlowStories } from '../../src/testing/subentry-stories.ts'
import { chosen } from './edge-cover.ts'
import { leftOut, methods, Stage } from './stage.ts'
import { SubentryPlayer, unplayableSubentry } from './subentry-player.ts'
import { Rooms } from './subentry-rooms.ts'

const stories = [...subentryFlowStories('subentry added'), ...subentryFlowStories('subentry changed')]
const played = stories.filter((story) => unplayableSubentry(story) === null)

describe.each(methods)('the sub-entry flow over $store, restarting: $restarting', (way) => {
  const rooms = new Rooms()
  const stage = new Stage(way, { subentries: rooms.subentries })
  afterAll(() => stage.clear())

  it.each(chosen(played, way.restarting))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new SubentryPlayer(world, story, { scope, rooms })
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('subentryFlowStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(
      `sub-entry flow: ${played.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayableSubentry)}`,
    )
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(100)
  })
})
