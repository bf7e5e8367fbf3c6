import { describe, expect, it } from '@jest/globals'
import { longClock } from '../../../src/engine/lib/long-clock.ts'
import type { Clock } from '../../../src/ports/clock.ts'

/** A clock that records its timers, which elapse by hand. */
function byHand() {
  const waits: number[] = []
  const pending = new Map<number, () => void>()
  let released = 0
  const timers: { readonly id: number; unref(): void }[] = []
  const clock: Clock = {
    now: () => 7,
    setTimeout: (run, milliseconds) => {
      const timer = { id: waits.push(milliseconds), unref: () => released++ }
      timers.push(timer)
      pending.set(timer.id, run)
      return timer
    },
    clearTimeout: (timer) => void pending.delete((timer as { id: number }).id),
  }
  const elapse = () => {
    const [[id, run] = [0, () => {}]] = pending
    pending.delete(id)
    run()
  }
  return { clock: longClock(clock), waits, pending, elapse, timers, released: () => released }
}

const LONGEST = 2 ** 31 - 1

describe('longClock', () => {
  it('passes a short wait to the clock, and its time', () => {
    const { clock, waits, timers } = byHand()
    expect(clock.setTimeout(() => {}, LONGEST)).toBe(timers[0])
    expect(waits).toEqual([LONGEST])
    expect(clock.now()).toBe(7)
  })

  it('waits in steps if a wait is longer than setTimeout supports', () => {
    const { clock, waits, elapse } = byHand()
    let runs = 0
    clock.setTimeout(() => runs++, LONGEST + 6)
    elapse()
    expect(runs).toBe(0)
    elapse()
    expect(runs).toBe(1)
    expect(waits).toEqual([LONGEST, 6])
  })

  it('waits without an end for Infinity, until the timer is cleared', () => {
    const { clock, elapse, pending } = byHand()
    let runs = 0
    const timer = clock.setTimeout(() => runs++, Number.POSITIVE_INFINITY)
    for (let step = 0; step < 5; step++) elapse()
    expect(pending.size).toBe(1)
    clock.clearTimeout(timer)
    expect(pending.size).toBe(0)
    expect(runs).toBe(0)
  })

  it('clears a short wait', () => {
    const { clock, pending } = byHand()
    clock.clearTimeout(clock.setTimeout(() => {}, 5))
    expect(pending.size).toBe(0)
  })

  it('lets the process end during each step of an idle wait', () => {
    const { clock, elapse, released } = byHand()
    const timer = clock.setTimeout(() => {}, 3 * LONGEST) as { unref(): void }
    expect(released()).toBe(0)
    timer.unref()
    elapse()
    expect(released()).toBe(2)
  })
})
