import { describe, expect, it } from '@jest/globals'
import { optionsFlowStories } from '../../src/testing/flow-stories.ts'
import { configEntryStories, configFlowStories } from '../../src/testing/index.ts'
import { tokenStories } from '../../src/testing/token-stories.ts'
import { edgeCover, edgesOf } from './edge-cover.ts'

describe('edgeCover', () => {
  it.each([
    ['reauthentication', configFlowStories('reauth')],
    ['life of an entry', configEntryStories()],
    ['options flow', optionsFlowStories()],
    ['token', tokenStories()],
  ])('takes every edge of the stories of the %s, each for a reason', (_, stories) => {
    const cover = edgeCover<(typeof stories)[number]>(stories)
    const edges = new Set(stories.flatMap(edgesOf))
    expect(new Set(cover.flatMap(edgesOf))).toEqual(edges)
    expect(cover.length).toBeLessThan(stories.length)
    for (const story of cover) expect(stories).toContain(story)
  })

  it('takes every state, every event and every result', () => {
    const stories = configFlowStories('reauth')
    const namesOf = (told: typeof stories) =>
      new Set(
        told.flatMap(({ steps }) =>
          steps.flatMap(({ does, brings, rest }) => [
            does,
            rest.state,
            rest.reason,
            ...brings.map(({ work, comes }) => `${work} ${comes}`),
          ]),
        ),
      )
    expect(namesOf(edgeCover(stories))).toEqual(namesOf(stories))
  })
})
