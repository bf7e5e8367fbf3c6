import { afterAll, describe, expect, it } from '@jest/globals'
import { configFlowStories, type Story } from '../../src/testing/index.ts'
import { FlowPlayer, unplayable } from './flow-player.ts'
import { Stage, ways } from './stage.ts'

const stories: readonly Story[] = [
  ...configFlowStories('user'),
  ...configFlowStories('reauth'),
  ...configFlowStories('reconfigure'),
  ...configFlowStories('reauth', 'retry'),
  ...configFlowStories('reconfigure', 'retry'),
]
const played = stories.filter((story) => unplayable(story) === null)

describe.each(ways)('the config flow over $store, restarting: $restarting', (way) => {
  const stages = { abort: new Stage(way), retry: new Stage(way, { onAccountMismatch: 'retry' }) }
  afterAll(async () => {
    await stages.abort.clear()
    await stages.retry.clear()
  })

  it.each(played)('$title', async (story) => {
    await stages[story.onAccountMismatch].play(async (world, scope) => {
      const player = new FlowPlayer(world, story, scope)
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('the stories of the config flow', () => {
  it('are told once each', () => {
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
  })

  it('leave out only what nobody can bring about', () => {
    const reasons = new Map<string, number>()
    for (const story of stories) {
      const reason = unplayable(story)
      if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    console.log(
      `config flow: ${played.length} paths × 2 stores × 2 (with and without restarts); left out: ${[
        ...reasons,
      ]
        .map(([reason, count]) => `${count} (${reason})`)
        .join(', ')}`,
    )
    expect(played.length).toBeGreaterThan(1_000)
  })
})
