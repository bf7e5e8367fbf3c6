import { describe, expect, it } from '@jest/globals'
import { KeyedSemaphore } from '../../../src/engine/lib/keyed-locks.ts'

describe('Gate', () => {
  it('admits as many as the limit allows, and one if the limit is 0', () => {
    const gate = new KeyedSemaphore()
    expect([gate.enter('a', 2), gate.enter('a', 2), gate.enter('a', 2), gate.enter('b', 0)]).toEqual([
      true,
      true,
      false,
      true,
    ])
    gate.leave('a')
    expect(gate.enter('a', 2)).toBe(true)
  })

  it('wakes all waiting callers when one leaves', async () => {
    const gate = new KeyedSemaphore()
    gate.enter('a', 1)
    const waiting = Promise.all([gate.someoneLeft('a'), gate.someoneLeft('a')])
    gate.leave('a')
    await waiting
  })

  it('ignores a leave without an enter', () => {
    const gate = new KeyedSemaphore()
    gate.leave('a')
    expect([gate.enter('a', 1), gate.enter('a', 1)]).toEqual([true, false])
  })
})
