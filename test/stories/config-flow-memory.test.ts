import { describe, expect, it } from '@jest/globals'
import { played, playFlowStories, stories } from './flow-stories.ts'
import { unplayable } from './flow-telling.ts'
import { leftOut, methods } from './stage.ts'

playFlowStories('memory')

describe('configFlowStories', () => {
  it('tells each story once', () => {
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
  })

  it('omits only unreachable paths', () => {
    console.log(
      `config flow: ${played.length} paths × ${methods.length} (stores, with or without restarts), and over HTTP${leftOut(stories, unplayable)}`,
    )
    expect(played.length).toBeGreaterThan(800)
  })
})
