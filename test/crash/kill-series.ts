import { expect } from '@jest/globals'
import { runChild } from './child.ts'

const LANES = 4

/** A story that a child plays until it is killed, and the checks after each kill. */
export interface KilledStory {
  readonly child: string
  readonly story: string
  readonly at: string
  /** Returns a new database for each run of the story. */
  readonly place: () => string
  readonly look: (path: string, where: string) => Promise<void>
}

/** Plays a story once whole, and then once for each point that it came by, to die there. @returns how many died */
export async function killAtEach({ child, story, at, place, look }: KilledStory): Promise<number> {
  const { stdout, stderr } = await runChild(child, place(), story, at, '0')
  const points = Number(stdout)
  expect({ points, stderr }).toEqual({ points: expect.any(Number), stderr: '' })
  expect(points).toBeGreaterThan(0)
  let survivors = 0
  await inLanes(points, async (point) => {
    const path = place()
    const { signal, ...rest } = await runChild(child, path, story, at, String(point))
    const where = `${story}, ${at} ${point} of ${points}`
    if (signal !== 'SIGKILL') {
      // The number of awaits depends on the order in which threads answer: a run may pass fewer.
      expect({ where, ...rest }).toMatchObject({ code: 0, stderr: '' })
      expect(Number(rest.stdout)).toBeLessThan(point)
      survivors++
    }
    await look(path, where)
  })
  expect(survivors).toBeLessThanOrEqual(points * 0.2)
  return points - survivors
}

async function inLanes(count: number, work: (point: number) => Promise<void>): Promise<void> {
  let next = 1
  const lane = async () => {
    while (next <= count) await work(next++)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
