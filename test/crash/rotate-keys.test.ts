import { copyFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { ciphersOf, fill, keysIn, names, openable } from '../engine/keys/sealed-world.ts'
import { CrashPlace } from './crash-place.ts'
import { killAtEach } from './kill-series.ts'

const place = new CrashPlace()
let filled = ''
beforeAll(async () => {
  await place.prepare()
  filled = place.copy('empty')
  const store = sqliteStore(filled)
  await store.open()
  await fill(store)
  await store.close()
})
afterAll(() => place.clear())

/** Copies the filled database with its key and its pending write. */
function copy(): string {
  const path = place.copy('empty')
  const [folder, name] = [dirname(filled), basename(filled)]
  for (const file of readdirSync(folder).filter((one) => one.startsWith(name)))
    copyFileSync(join(folder, file), path + file.slice(name.length))
  return path
}

/** Checks that a rotation that was killed lost no value, and that the next one completes it. */
async function look(path: string, where: string): Promise<void> {
  const store = sqliteStore(path)
  await store.open()
  expect([where, await openable(store, ciphersOf(`${path}.key`).all)]).toEqual([where, names])
  const wasResealed = (await keysIn(store)).length > 1
  // The right to rotate of the killed process has lapsed.
  const clock = {
    now: () => Date.now() + 20_000,
    setTimeout: (run: () => void, ms: number) => setTimeout(run, ms),
    clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  }
  const latchkey = await createLatchkey({ integrations: [], store, clock })
  const { resumed, waiting, failed } = await latchkey.keys.rotate()
  expect([where, waiting, failed, resumed || !wasResealed]).toEqual([where, 0, 0, true])
  expect([where, await openable(store, ciphersOf(`${path}.key`).first)]).toEqual([where, names])
  await latchkey.stop()
}

describe('a rotation of the keys', () => {
  it.each(['statement', 'write'] as const)(
    'killed at each %s loses no value and is continued',
    async (at) => {
      const story = 'rotate'
      const killed = await killAtEach({ child: 'rotate-child', story, at, place: copy, look })
      expect(killed).toBeGreaterThan(5)
    },
  )
})
