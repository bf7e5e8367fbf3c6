import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { choiceStories, entryChoiceStories } from '../../src/testing/choice-stories.ts'
import { configEntryStories, configFlowStories, type Story } from '../../src/testing/index.ts'
import { removalStories } from '../../src/testing/removal-stories.ts'
import { aroundSignInStories } from '../../src/testing/sign-in-stories.ts'
import { AroundSignInPlayer } from '../stories/around-sign-in-player.ts'
import { Calendars, ChoicesPlayer } from '../stories/choices-player.ts'
import { edgeCover, plainEdgesOf } from '../stories/edge-cover.ts'
import { confirms, EntryChoicesPlayer, Hubs } from '../stories/entry-choices-player.ts'
import { EntryPlayer, unplayableEntry } from '../stories/entry-player.ts'
import { versions } from '../stories/entry-rivals.ts'
import { FlowPlayer } from '../stories/flow-player.ts'
import { unplayable } from '../stories/flow-telling.ts'
import { RemovalPlayer, unplayableRemoval } from '../stories/removal-player.ts'
import { Stage } from '../stories/stage.ts'
import { PATIENCE } from '../stories/work-plan.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
const cipher = joseCipher([new Uint8Array(32).fill(7)])
let database: PostgresDatabase
afterAll(place.clear)

/** Uses a new database. A world logs the entries of other integrations. */
const separately = () =>
  beforeAll(async () => {
    database = await place.database()
  })

const way = {
  store: 'postgres',
  restarting: true,
  shelf: () => () => Object.assign(storeIn(database), { cipher }),
} as const

const stories = [...configFlowStories('user'), ...configFlowStories('reauth')]
const played = stories.filter((story) => unplayable(story) === null)
/** A few stories that together take every edge, or all with `STORIES=all`. */
const some = <Told extends Story<string>>(
  told: readonly Told[],
  edges?: (story: Told) => readonly string[],
): readonly Told[] => (process.env.STORIES === 'all' ? told : edgeCover(told, edges))

describe('the config flow over PostgreSQL, with restarts', () => {
  separately()
  const stage = new Stage(way)
  afterAll(() => stage.clear())

  it.each(some(played))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new FlowPlayer(world, story, scope)
      await player.play(true)
      await player.clear()
    })
  })
})

/** Whether a story fails the n-th call of the store, or acts during an unload: between those, a network takes time. */
const isTimed = ({ steps }: Story): boolean =>
  steps.some(({ does, brings }) =>
    brings.some(({ work, comes }) => comes === 'throws' || (does === 'unload' && work === null)),
  )

describe('the life of an entry over PostgreSQL, with restarts', () => {
  separately()
  const stage = new Stage(way, { connectTimeout: PATIENCE, ...versions })
  afterAll(() => stage.clear())

  const told = configEntryStories().filter((story) => unplayableEntry(story) === null && !isTimed(story))

  it.each(some(told, plainEdgesOf))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new EntryPlayer(world, story, scope)
      await player.play(true)
      await player.clear()
    })
  })
})

describe('a removal over PostgreSQL, with killed processes', () => {
  separately()
  let count = 0

  it.each(some(removalStories().filter((story) => unplayableRemoval(story) === null)))(
    '$title',
    async (story) => {
      const player = new RemovalPlayer(story, way.shelf(), `removal-${++count}`)
      await player.play(true)
      await player.stop()
    },
  )
})

const sources = ['user', 'reauth', 'reconfigure', 'replace'] as const
/** The results of work by the event before them, and the end. */
const endingsOf = ({ source, steps, ending }: Story<string>): readonly string[] => [
  ...steps.flatMap(({ does, brings }) => brings.map(({ work, comes }) => `${does}: ${work} ${comes}`)),
  `${source} ${ending.reason ?? ending.state}`,
]
/** Whether a story saves the values of its flow, or the integration ends it. */
const isDecided = ({ steps, ending }: Story<string>): boolean =>
  ending.reason === 'no_api' ||
  ending.reason === 'wrong_account' ||
  steps.some(({ brings }) => brings.some(({ comes }) => comes === 'created' || comes === 'updated'))

describe('a form before a sign-in and a choice after it over PostgreSQL, with restarts', () => {
  separately()
  let count = 0
  const told = sources.flatMap((source) => aroundSignInStories(source)).filter(isDecided)

  it.each(some(told, endingsOf))('$title', async (story) => {
    const player = new AroundSignInPlayer(story, way.shelf(), `around-${++count}`)
    await player.play(true)
    await player.stop()
  })
})

describe('choices of a form over PostgreSQL, with restarts', () => {
  separately()
  const hubs = new Hubs()
  const stage = new Stage(way, hubs.parts)
  afterAll(() => stage.clear())
  const told = sources.flatMap(entryChoiceStories).filter((story) => isDecided(story) && !confirms(story))

  it.each(some(told, endingsOf))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new EntryChoicesPlayer(world, story, { scope, hubs })
      await player.play(true)
      await player.clear()
    })
  })
})

describe('choices of an entry over PostgreSQL, with restarts', () => {
  separately()
  const calendars = new Calendars()
  const stage = new Stage(way, calendars.parts)
  const saved = [...choiceStories('options'), ...choiceStories('subentry')].filter(({ steps }) =>
    steps.some(({ brings }) => brings.some(({ comes }) => comes === 'saved')),
  )
  afterAll(() => stage.clear())

  it.each(edgeCover(saved))('$title', async (story) => {
    await stage.play(async (world, scope) => {
      const player = new ChoicesPlayer(world, story, { scope, calendars })
      await player.play(true)
      await player.clear()
    })
  })
})
