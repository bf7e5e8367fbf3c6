import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { Leases } from '../../../src/engine/kernel/leases.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { atRest } from '../host.ts'

describe('a lease', () => {
  it('that this process releases while it is renewed is not reported as lost', async () => {
    const store = new FailingStore(memoryStore())
    const clock = new SimulatedClock()
    const leases = new Leases(store, clock, 15_000)
    const lease = await leases.claim({ scope: 'home', kind: 'flow', id: 'flow-1' })
    if (lease === null) throw new Error('No other process holds the lease.')
    let losses = 0
    lease.onLost = () => losses++
    store.before('renew', 1, () => lease.release())
    clock.increment(5_000)
    await atRest()
    expect(store.clear()).toBe(0)
    expect([losses, lease.isLost]).toEqual([0, false])
  })
})
