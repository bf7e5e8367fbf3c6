import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore, type UnsavedToken } from '../../src/index.ts'
import { tokenStories } from '../../src/testing/token-stories.ts'
import { chosen } from './edge-cover.ts'
import { fast, leftOut, methods } from './stage.ts'
import { TokenPlayer, unplayableToken } from './token-player.ts'

const stories = tokenStories()

describe.each(methods)('a token over $store, restarting: $restarting', ({ store, restarting }) => {
  const folder = mkdtempSync(join(fast, 'latchkey-tokens-'))
  const played = stories.filter((story) => unplayableToken(story, restarting) === null)
  let count = 0
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(chosen(played, restarting))('$title', async (story) => {
    const path = join(folder, `${++count}.db`)
    const kept = journalled()
    const player = new TokenPlayer(story, () => (store === 'memory' ? kept : sqliteStore(path)))
    await player.play(restarting)
    await player.stop()
  })
})

describe('tokenStories', () => {
  it.each([false, true])(
    'tells each story once, and omits only unreachable paths; restarting: %s',
    (restarting) => {
      const unplayable = (story: Parameters<typeof unplayableToken>[0]) => unplayableToken(story, restarting)
      const played = stories.filter((story) => unplayable(story) === null)
      console.log(
        `token, restarting: ${restarting}: ${played.length} of ${stories.length} paths × 2 stores${leftOut(stories, unplayable)}`,
      )
      expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
      expect(played.length).toBeGreaterThan(stories.length / 2)
    },
  )
})

/** A store in memory with a journal, as the file store has. */
function journalled() {
  const rows = new Map<string, UnsavedToken>()
  return Object.assign(memoryStore(), {
    journal: {
      put: async (token: UnsavedToken) => void rows.set(token.entryId, token),
      get: async (_: string, entryId: string) => rows.get(entryId),
      remove: async (_: string, entryId: string) => void rows.delete(entryId),
    },
  })
}
