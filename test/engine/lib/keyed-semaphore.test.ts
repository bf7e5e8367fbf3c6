import { describe, expect, it } from '@jest/globals'
import { KeyedSemaphore } from '../../../src/engine/lib/keyed-semaphore.ts'

describe('Gate', () => {
  it('lets in as many as there is room for, and one where there is none', () => {
    const gate = new KeyedSemaphore()
    expect([gate.enter('a', 2), gate.enter('a', 2), gate.enter('a', 2), gate.enter('b', 0)]).toEqual([
      ...[true, true, false, true],
    ])
    gate.leave('a')
    expect(gate.enter('a', 2)).toBe(true)
  })

  it('wakes all that wait when somebody leaves', async () => {
    const gate = new KeyedSemaphore()
    gate.enter('a', 1)
    const waiting = Promise.all([gate.someoneLeft('a'), gate.someoneLeft('a')])
    gate.leave('a')
    await waiting
  })

  it('takes a leave of nobody for what it is', () => {
    const gate = new KeyedSemaphore()
    gate.leave('a')
    expect([gate.enter('a', 1), gate.enter('a', 1)]).toEqual([true, false])
  })
})
