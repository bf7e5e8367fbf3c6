import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import type { Call } from '../../../src/engine/lib/call.ts'
import { underDeadline } from '../../../src/engine/lib/deadline.ts'

const late = () => new Error('late')

describe('underDeadline', () => {
  it('passes a signal also without a deadline', async () => {
    const seen = await underDeadline(new SimulatedClock(), {}, late, async (call) => call.signal.aborted)
    expect(seen).toBe(false)
  })

  it('leaves nothing behind where the work ends in time', async () => {
    const clock = new SimulatedClock()
    const { signal } = new AbortController()
    let own: Call | undefined
    const work = async (given: Call) => {
      own = given
      return 'done'
    }
    expect(await underDeadline(clock, { timeout: 10, signal }, late, work)).toBe('done')
    clock.increment(20)
    expect(own?.aborted).toBe(false)
  })

  it('forgets what the work throws after its time', async () => {
    const clock = new SimulatedClock()
    let fail: (error: Error) => void = () => {}
    const done = underDeadline(
      clock,
      { timeout: 10 },
      late,
      () => new Promise((_, reject) => (fail = reject)),
    )
    const refused = expect(done).rejects.toThrow('late')
    clock.increment(10)
    await refused
    fail(new Error('unheard'))
    await new Promise(setImmediate)
  })
})
