import { expect } from '@jest/globals'
import { runChild } from './child.ts'

const LANES = 4

/**
 * Every how many points a process dies. The states that a kill can leave differ only by the commits that were made,
 * and a process dies before and after each of these. `KILL_POINTS=all` kills at each await too.
 */
const every = (at: string): number => (at === 'await' && !killsAtAll ? 16 : 1)

/** Whether a process dies at each of its points. */
export const killsAtAll = process.env.KILL_POINTS === 'all'

/** The first await at which a process dies, before each sixteenth one. It differs in each run, unless `SEED` is set. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 16))

/** A story that a child plays until it is killed, and the checks after each kill. */
export interface KilledStory {
  readonly child: string
  readonly story: string
  readonly at: string
  /** Returns a new database for each run of the story. */
  readonly place: () => string | Promise<string>
  readonly look: (path: string, where: string) => Promise<void>
}

/** Plays a story once whole, and then again for the points that it came by, to die there. @returns how many died */
export async function killAtEach({ child, story, at, place, look }: KilledStory): Promise<number> {
  const whole = await place()
  const { stdout, stderr } = await runChild(child, whole, story, at, '0')
  const points = Number(stdout)
  expect({ points, stderr }).toEqual({ points: expect.any(Number), stderr: '' })
  expect(points).toBeGreaterThan(0)
  // A busy machine adds statements, such as those of a lease. The last points may then be before the last commit.
  await look(whole, `${story}, whole`)
  let survivors = 0
  const step = every(at)
  const first = 1 + (SEED % step)
  const dying = Array.from(
    { length: Math.ceil((points - first + 1) / step) },
    (_, index) => first + index * step,
  )
  await inLanes(dying, async (point) => {
    const path = await place()
    const { signal, ...rest } = await runChild(child, path, story, at, String(point))
    const where = `${story}, ${at} ${point} of ${points}, SEED=${SEED}`
    if (signal !== 'SIGKILL') {
      // The number of awaits depends on the order in which threads answer: a run may pass fewer.
      expect({ where, ...rest }).toMatchObject({ code: 0, stderr: '' })
      expect(Number(rest.stdout)).toBeLessThan(point)
      survivors++
    }
    await look(path, where)
  })
  expect(survivors).toBeLessThanOrEqual(dying.length * 0.2)
  return dying.length - survivors
}

async function inLanes(points: readonly number[], work: (point: number) => Promise<void>): Promise<void> {
  const waiting = [...points]
  const lane = async () => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) await work(point)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
