import { describe, expect, it } from '@jest/globals'
import { isQuick } from './edge-cover.ts'
import { stopUnderLoad } from './random-stops.ts'

/** The first seed. Pass another one as `SEED`; each run uses the following ones. */
const first = Number(process.env.SEED ?? 1)
const runs = isQuick ? 60 : 500

/** Ten seconds for running calls, and ten for clients that do not close. */
const DEADLINE = 20

describe('stop under load, with rotating tokens and clients that do not close', () => {
  it(`ends ${runs} times within its deadline, and loses no token`, async () => {
    const late: string[] = []
    const lost: string[] = []
    let refreshes = 0
    let slowest = 0
    for (let seed = first; seed < first + runs; seed++) {
      const result = await stopUnderLoad(seed)
      refreshes += result.refreshes
      slowest = Math.max(slowest, result.seconds)
      if (result.seconds > DEADLINE) late.push(`SEED=${seed}: ${result.seconds} s`)
      for (const account of result.lost) lost.push(`SEED=${seed}: ${account}`)
    }
    expect({ late, lost }).toEqual({ late: [], lost: [] })
    // The load is real: tokens were refreshed, and clients used their time.
    expect(refreshes).toBeGreaterThan(runs)
    expect(slowest).toBe(DEADLINE)
  })
})
