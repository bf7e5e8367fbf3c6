import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore } from '../../src/index.ts'
import { removalStories } from '../../src/testing/removal-stories.ts'
import { chosen } from './edge-cover.ts'
import { RemovalPlayer, unplayableRemoval } from './removal-player.ts'
import { fast, leftOut, methods } from './stage.ts'

const stories = removalStories()
const played = stories.filter((story) => unplayableRemoval(story) === null)

describe.each(methods)('a removal over $store, restarting: $restarting', ({ store, restarting }) => {
  const folder = mkdtempSync(join(fast, 'latchkey-removals-'))
  let count = 0
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(chosen(played))('$title', async (story) => {
    const path = join(folder, `${++count}.db`)
    const kept = memoryStore()
    const player = new RemovalPlayer(story, () => (store === 'memory' ? kept : sqliteStore(path)))
    await player.play(restarting)
    await player.stop()
  })
})

describe('removalStories', () => {
  it('tells each story once, and omits only unreachable paths', () => {
    console.log(
      `removal: ${played.length} paths × ${methods.length} (stores, with or without restarts)${leftOut(stories, unplayableRemoval)}`,
    )
    expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
    expect(played.length).toBeGreaterThan(50)
  })
})
