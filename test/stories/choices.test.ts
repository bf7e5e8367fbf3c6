import { afterAll, describe, expect, it } from '@jest/globals'
import { choiceStories, entryChoiceStories } from '../../src/testing/choice-stories.ts'
import { Calendars, ChoicesPlayer } from './choices-player.ts'
import { edgeCover, fewOf } from './edge-cover.ts'
import { confirms, EntryChoicesPlayer, Hubs, unplayableChoices } from './entry-choices-player.ts'
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

const ofEntries = (['user', 'reauth', 'reconfigure', 'replace'] as const).flatMap(entryChoiceStories)
const playableOfEntries = ofEntries.filter((story) => unplayableChoices(story) === null)

describe.each(methods)('choices of a form over $store, restarting: $restarting', (way) => {
  const hubs = new Hubs()
  const stage = new Stage(way, hubs.parts)
  afterAll(() => stage.clear())
  // A verified connection belongs to its process.
  const told = playableOfEntries.filter((story) => !way.restarting || !confirms(story))

  it.each(fewOf(told, way.restarting))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new EntryChoicesPlayer(world, story, { scope, hubs })
      await player.play(way.restarting)
      await player.clear()
    })
  })
})

describe('entryChoiceStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    const few = methods.map(({ restarting }) => fewOf(playableOfEntries, restarting).length)
    console.log(
      `choices of a form: ${few.join(' and ')} of ${playableOfEntries.length} paths${leftOut(ofEntries, unplayableChoices)}`,
    )
    expect(new Set(ofEntries.map(({ title }) => title)).size).toBe(ofEntries.length)
    expect(playableOfEntries.length).toBeGreaterThan(300)
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
