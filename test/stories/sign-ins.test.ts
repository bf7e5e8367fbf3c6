import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore } from '../../src/index.ts'
import {
  aroundSignInStories,
  authorizationCodeStories,
  deviceCodeStories,
} from '../../src/testing/sign-in-stories.ts'
import { AroundSignInPlayer, unplayableAround } from './around-sign-in-player.ts'
import { chosen, fewOf } from './edge-cover.ts'
import { SignInPlayer, unplayableSignIn } from './sign-in-player.ts'
import { fast, leftOut, methods } from './stage.ts'

const all = { 'authorization code': authorizationCodeStories(), 'device code': deviceCodeStories() }
const stories = Object.values(all).flat()
const played = stories.filter((story) => unplayableSignIn(story) === null)

describe.each(methods)('a sign-in over $store, restarting: $restarting', ({ store, restarting }) => {
  const folder = mkdtempSync(join(fast, 'latchkey-sign-ins-'))
  let count = 0
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(chosen(played, restarting))('$title', async (story) => {
    const path = join(folder, `${++count}.db`)
    const kept = memoryStore()
    const player = new SignInPlayer(story, () => (store === 'memory' ? kept : sqliteStore(path)))
    await player.play(restarting)
    await player.stop()
  })
})

const around = [
  ...aroundSignInStories('user'),
  ...aroundSignInStories('reauth'),
  ...aroundSignInStories('reauth', { onAccountMismatch: 'retry' }),
  ...aroundSignInStories('reconfigure'),
  ...aroundSignInStories('replace'),
  ...aroundSignInStories('user', { signIn: 'device' }),
  ...aroundSignInStories('reauth', { signIn: 'device' }),
]
const playedAround = around.filter((story) => unplayableAround(story) === null)

describe.each(methods)(
  'a form before a sign-in and a choice after it over $store, restarting: $restarting',
  ({ store, restarting }) => {
    const folder = mkdtempSync(join(fast, 'latchkey-around-'))
    let count = 0
    afterAll(() => rmSync(folder, { recursive: true }))

    it.each(fewOf(playedAround, restarting))('$title', async (story) => {
      const path = join(folder, `${++count}.db`)
      const kept = memoryStore()
      const player = new AroundSignInPlayer(story, () => (store === 'memory' ? kept : sqliteStore(path)))
      await player.play(restarting)
      await player.stop()
    })
  },
)

describe('aroundSignInStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    const few = methods.map(({ restarting }) => fewOf(playedAround, restarting).length)
    console.log(
      `around a sign-in: ${few.join(' and ')} of ${playedAround.length} paths${leftOut(around, unplayableAround)}`,
    )
    expect(new Set(around.map(({ title }) => title)).size).toBe(around.length)
    expect(playedAround.length).toBeGreaterThan(400)
  })
})

describe.each(Object.entries(all))('the stories of the %s', (kind, told) => {
  it('are each played once, except unreachable ones', () => {
    const some = told.filter((story) => unplayableSignIn(story) === null)
    console.log(
      `${kind}: ${some.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(told, unplayableSignIn)}`,
    )
    expect(new Set(told.map(({ title }) => title)).size).toBe(told.length)
    expect(some.length).toBeGreaterThan(told.length / 2)
  })
})
