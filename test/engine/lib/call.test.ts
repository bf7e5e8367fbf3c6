import { describe, expect, it } from '@jest/globals'
import { Call } from '../../../src/engine/lib/call.ts'

describe('Call', () => {
  it('is aborted once, and its signal fires', () => {
    const call = new Call()
    let calls = 0
    call.onAbort = () => calls++
    const { signal } = call
    expect([call.aborted, signal.aborted]).toEqual([false, false])
    call.abort()
    call.abort()
    expect([call.aborted, signal.aborted, calls]).toEqual([true, true, 1])
    expect(call.signal).toBe(signal)
  })

  it('has an aborted signal also for late callers', () => {
    const call = new Call()
    call.abort()
    expect(call.signal.aborted).toBe(true)
  })
})
