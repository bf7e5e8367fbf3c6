import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { Timers } from '../../../src/engine/statecharts/timers.ts'

function makeTimers() {
  const clock = new SimulatedClock()
  const fired: [number, string][] = []
  const timers = new Timers(clock, new Set(['idle']), ({ type }) => fired.push([clock.now(), type]))
  const start = (id: string, delay: number) =>
    timers.apply([{ type: 'start', id, delay, event: { type: id } }])
  return { clock, fired, timers, start }
}

describe('Timers', () => {
  it('sends the event of each timer after its delay', () => {
    const { clock, fired, start } = makeTimers()
    start('second', 20)
    start('first', 10)
    clock.increment(30)
    expect(fired.map(([, type]) => type)).toEqual(['first', 'second'])
  })

  it('sends nothing for a timer that was cleared', () => {
    const { clock, fired, timers, start } = makeTimers()
    start('one', 10)
    start('other', 10)
    timers.apply([
      { type: 'clear', id: 'one' },
      { type: 'clear', id: 'unknown' },
    ])
    clock.increment(10)
    expect(fired).toEqual([[10, 'other']])
  })

  it('restarts a timer that is started again', () => {
    const { clock, fired, start } = makeTimers()
    start('one', 10)
    clock.increment(5)
    start('one', 10)
    clock.increment(9)
    expect(fired).toEqual([])
    clock.increment(1)
    expect(fired).toEqual([[15, 'one']])
  })

  it('waits in steps if the delay is longer than setTimeout supports', () => {
    const { clock, fired, start } = makeTimers()
    const waits: number[] = []
    const setTimeout = clock.setTimeout.bind(clock)
    clock.setTimeout = (run, wait) => {
      waits.push(wait)
      return setTimeout(run, wait)
    }
    start('one', 2 ** 32)
    for (const wait of [2 ** 31 - 1, 2 ** 31 - 1]) clock.increment(wait)
    expect(fired).toEqual([])
    clock.increment(2)
    expect(fired).toEqual([[2 ** 32, 'one']])
    expect(waits).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2])
  })

  it('sends nothing after it was stopped, and starts no timer', () => {
    const { clock, fired, timers, start } = makeTimers()
    start('one', 10)
    timers.stop()
    start('other', 10)
    clock.increment(100)
    expect(fired).toEqual([])
  })

  it('keeps the process alive only for timers that lead to work', () => {
    const { clock, start } = makeTimers()
    const released: string[] = []
    const { setTimeout } = clock
    clock.setTimeout = (run, wait) =>
      Object.assign(Object(setTimeout.call(clock, run, wait)), { unref: () => released.push(`${wait}`) })
    start('idle', 10)
    start('working', 20)
    expect(released).toEqual(['10'])
  })
})
