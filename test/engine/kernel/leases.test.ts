import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { Leases } from '../../../src/engine/kernel/leases.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
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

  const three = () => {
    const store = new FailingStore(memoryStore())
    const clock = new SimulatedClock()
    const leases = new Leases(store, clock, 15_000)
    const name = (id: string) => ({ scope: 'home', kind: 'flow', id }) as const
    const isFree = async (id: string) => {
      const term = { holder: 'another', ms: 1, now: clock.now() }
      return (await store.leases.claim(name(id), term)) !== null
    }
    return { store, clock, leases, name, isFree }
  }

  it('that the store did not release ends at the renewal of another one', async () => {
    const { store, clock, leases, name, isFree } = three()
    await leases.claim(name('kept'))
    const lease = await leases.claim(name('ended'))
    store.before('release', 1, fullDisk)
    await lease?.release()
    expect(await isFree('ended')).toBe(false)
    clock.increment(5_000)
    await atRest()
    expect([await isFree('ended'), await isFree('kept')]).toEqual([true, false])
  })

  it('that lapsed without a release, and is claimed again, stays held', async () => {
    const { store, clock, leases, name, isFree } = three()
    const lease = await leases.claim(name('again'))
    store.before('release', 1, fullDisk)
    await lease?.release()
    clock.increment(15_001)
    expect(await leases.claim(name('again'))).not.toBeNull()
    for (let wait = 0; wait < 4; wait++) {
      clock.increment(5_000)
      await atRest()
    }
    expect(await isFree('again')).toBe(false)
  })

  it('that this process holds outlives a failed call for the same one', async () => {
    const { store, leases, name, isFree } = three()
    await leases.claim(name('kept'))
    store.after('claim', 1, fullDisk)
    await expect(leases.claim(name('kept'))).rejects.toThrow('The disk is full.')
    expect(await isFree('kept')).toBe(false)
    const reservation = { scope: 'home', key: 'entry', id: 'first' }
    leases.reserved(reservation)
    await expect(leases.claiming([reservation], async () => fullDisk())).rejects.toThrow('The disk is full.')
  })

  it('that is claimed after a stop is not renewed', async () => {
    const { clock, leases, name, isFree } = three()
    await leases.stop()
    await leases.claim(name('late'))
    for (let wait = 0; wait < 4; wait++) {
      clock.increment(5_000)
      await atRest()
    }
    expect(await isFree('late')).toBe(true)
  })
})
