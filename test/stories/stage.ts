import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore } from '../../src/index.ts'
import type { Story } from '../../src/testing/index.ts'
import { type FlowCalls, type Shelf, World } from './world.ts'

/** Stories test stored records, not the disk, so a folder in memory serves if there is one. */
export const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** The number of stories per world. Each has a separate scope. */
const STORIES = 20

/** The modes of a story: its store, and whether the process restarts between steps. */
const all = [
  { store: 'memory', restarting: false },
  { store: 'memory', restarting: true },
  { store: 'sqlite', restarting: false },
  { store: 'sqlite', restarting: true },
] as const

/** One mode. `shelf` replaces the store of each world. */
export interface Way {
  readonly store: 'memory' | 'sqlite' | 'postgres'
  readonly restarting: boolean
  readonly shelf?: () => Shelf
}

/**
 * The modes to play stories in: all without restarts over memory, and an edge cover with restarts over SQLite.
 * `STORIES=all` plays all stories in all four modes.
 */
export const methods =
  process.env.STORIES === 'all'
    ? all
    : all.filter(({ store, restarting }) => restarting === (store === 'sqlite'))

/** Gives each story a world and a scope; worlds are shared by a few stories, and never after one has failed. */
export class Stage {
  readonly #way: Way
  readonly #overrides: ConstructorParameters<typeof World>[1]
  readonly #folder = mkdtempSync(join(fast, 'latchkey-stories-'))
  readonly #calls: FlowCalls | undefined
  #world: World | null = null
  #played = 0

  constructor(way: Way, overrides: ConstructorParameters<typeof World>[1] = {}, calls?: FlowCalls) {
    this.#way = way
    this.#overrides = overrides
    this.#calls = calls
  }

  async play(story: (world: World, scope: string) => Promise<void>): Promise<void> {
    const world = this.#world ?? new World(this.#shelf(), this.#overrides, this.#calls)
    this.#world = null
    this.#played++
    await world.begin()
    await story(world, `story-${this.#played}`)
    if (this.#played % STORIES === 0) await world.stop()
    else this.#world = world
  }

  async clear(): Promise<void> {
    await this.#world?.stop()
    rmSync(this.#folder, { recursive: true })
  }

  #shelf(): Shelf {
    if (this.#way.shelf !== undefined) return this.#way.shelf()
    if (this.#way.store === 'memory') {
      const store = memoryStore()
      return () => store
    }
    const path = join(this.#folder, `${this.#played}.db`)
    return () => sqliteStore(path)
  }
}

/** Tells how many stories cannot be played, and why. */
export function leftOut<About extends string>(
  stories: readonly Story<About>[],
  unplayable: (story: Story<About>) => string | null,
): string {
  const reasons = new Map<string, number>()
  for (const story of stories) {
    const reason = unplayable(story)
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return [...reasons].map(([reason, count]) => `; ${count} cannot be played: ${reason}`).join('')
}
