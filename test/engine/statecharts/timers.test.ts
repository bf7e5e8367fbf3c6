import { describe, expect, it } from '@jest/globals'
import { Timers } from '../../../src/engine/statecharts/timers.ts'
import type { Clock } from '../../../src/ports/clock.ts'

const DELAY = 'xstate.after.idle.machine'

/** A clock whose timers are `timer`. */
function clockOf(timer: unknown, started: (() => void)[] = []): Clock {
  return {
    now: () => 0,
    setTimeout: (run) => {
      started.push(run)
      return timer
    },
    clearTimeout: () => {},
  }
}

describe('Timers', () => {
  it.each([
    ['a number', 1],
    ['an object without unref', {}],
    ['an object whose unref is not a function', { unref: true }],
  ])('start an idle delay on a clock whose timer is %s', (_, timer) => {
    const started: (() => void)[] = []
    const sent: string[] = []
    const timers = new Timers(clockOf(timer, started), new Set([DELAY]), ({ type }) => sent.push(type))
    timers.apply([{ type: 'start', id: DELAY, delay: 5, event: { type: DELAY } }])
    for (const run of started) run()
    expect(sent).toEqual([DELAY])
  })

  it('let the process end during an idle delay, and only then', () => {
    let released = 0
    const timers = new Timers(clockOf({ unref: () => released++ }), new Set([DELAY]), () => {})
    timers.apply([{ type: 'start', id: 'work', delay: 5, event: { type: 'xstate.after.work.machine' } }])
    expect(released).toBe(0)
    timers.apply([{ type: 'start', id: DELAY, delay: 5, event: { type: DELAY } }])
    expect(released).toBe(1)
  })
})
