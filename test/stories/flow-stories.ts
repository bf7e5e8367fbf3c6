import { afterAll, describe, it } from '@jest/globals'
import { configFlowStories, type Story } from '../../src/testing/index.ts'
import { chosen } from './edge-cover.ts'
import { FlowPlayer } from './flow-player.ts'
import { unplayable } from './flow-telling.ts'
import { methods, Stage, type Way } from './stage.ts'
import type { FlowCalls } from './world.ts'

/** All stories of the config flow. */
export const stories: readonly Story[] = [
  ...configFlowStories('user'),
  ...configFlowStories('reauth'),
  ...configFlowStories('reconfigure'),
  ...configFlowStories('reauth', 'retry'),
  ...configFlowStories('reconfigure', 'retry'),
]

/** The playable stories. */
export const played = stories.filter((story) => unplayable(story) === null)

/** Plays them over one store, with a restart between any two steps and without. */
export function playFlowStories(store: Way['store']): void {
  describe.each(methods.filter((way) => way.store === store))(
    'the config flow over $store, restarting: $restarting',
    (way) => playEach(way),
  )
}

/** Plays each of them in one way. */
export function playEach(way: Way, calls?: FlowCalls): void {
  const stages = {
    abort: new Stage(way, {}, calls),
    retry: new Stage(way, { onAccountMismatch: 'retry' }, calls),
  }
  afterAll(async () => {
    await stages.abort.clear()
    await stages.retry.clear()
  })

  it.each(chosen(played, way.restarting || calls !== undefined))('$title', async (story) => {
    await stages[story.onAccountMismatch].play(async (world, scope) => {
      const player = new FlowPlayer(world, story, scope)
      await player.play(way.restarting)
      await player.clear()
    })
  })
}
