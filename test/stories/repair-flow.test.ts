import { afterAll, describe, expect, it } from '@jest/globals'
import { repairStories } from '../../src/testing/flow-stories.ts'
import type { Story } from '../../src/testing/index.ts'
import { chosen } from './edge-cover.ts'
import { unplayable } from './flow-telling.ts'
import { RepairPlayer } from './repair-player.ts'
import { leftOut, methods, Stage } from './stage.ts'

const stories = repairStories()
/** An import has no id that another process could cancel before it has ended. */
const playable = (story: Story<'user' | 'import'>): string | null =>
  story.source === 'import' && story.steps.some(({ brings }) => brings.some(({ comes }) => comes === 'ended'))
    ? 'an import has no id before it has ended'
    : unplayable(story)
const played = stories.filter((story) => playable(story) === null)

// A verified connection belongs to its process: test/engine/flow-work/repair.test.ts covers a restart.
describe.each(methods.filter(({ restarting }) => !restarting))(
  'a new link that repairs an entry over $store',
  (way) => {
    const stage = new Stage(way)
    afterAll(() => stage.clear())

    it.each(chosen(played))('$title', async (story) => {
      await stage.play(async (world, scope) => {
        const player = new RepairPlayer(world, story, scope)
        await player.play(way.restarting)
        await player.clear()
      })
    })
  },
)

describe('repairStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(`repair: ${played.length} paths × 2 stores${leftOut(stories, playable)}`)
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(20)
  })
})
