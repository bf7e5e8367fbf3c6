import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { addEntry, atRest, makeHost } from './host.ts'

describe('latchkey.readiness', () => {
  it('is false before the start, true after it, and false from the first line of stop()', async () => {
    const { latchkey } = await makeHost()
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'not_started' })
    const starting = latchkey.start()
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'not_started' })
    await starting
    expect(await latchkey.readiness()).toEqual({ ready: true, reason: null })
    const stopped = latchkey.stop()
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'stopping' })
    await stopped
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'stopping' })
  })

  it('is false while the store fails, and while it does not answer within 2 seconds', async () => {
    let answer: 'fails' | 'hangs' | 'works' = 'works'
    let reads = 0
    const inner = memoryStore()
    const store = Object.assign(memoryStore(), {
      getEntryRow: async (scope: string, entryId: string) => {
        reads++
        if (answer === 'fails') throw new Error('The connection is lost.')
        return answer === 'hangs' ? new Promise<undefined>(() => {}) : inner.getEntryRow(scope, entryId)
      },
    })
    const { latchkey, pass } = await makeHost({ store })
    await latchkey.start()
    answer = 'fails'
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'store' })
    answer = 'hangs'
    reads = 0
    const probes = [latchkey.readiness(), latchkey.readiness()]
    await pass(1_999)
    expect(reads).toBe(1)
    await pass(1)
    expect(await Promise.all(probes)).toEqual(Array(2).fill({ ready: false, reason: 'store' }))
    answer = 'works'
    expect(await latchkey.readiness()).toEqual({ ready: true, reason: null })
    await latchkey.stop()
  })
})

describe('stop with a delay', () => {
  it('is not ready at once, and takes requests until the delay has ended', async () => {
    const host = await makeHost()
    const { latchkey, pass } = host
    await latchkey.start()
    let hasEnded = false
    const stopped = latchkey.stop({ delay: 5_000 }).then(() => {
      hasEnded = true
    })
    expect(await latchkey.readiness()).toEqual({ ready: false, reason: 'stopping' })
    await addEntry(host)
    await pass(4_999)
    expect([latchkey.stopping.aborted, hasEnded]).toEqual([false, false])
    await pass(1)
    expect(latchkey.stopping.aborted).toBe(true)
    await expect(latchkey.flows.start({ domain: 'scripted', source: 'user' })).rejects.toMatchObject({
      code: 'STOPPED',
    })
    await stopped
  })

  it('ends at once when stop() is called again without a delay', async () => {
    const { latchkey } = await makeHost()
    const first = latchkey.stop({ delay: 60_000 })
    void latchkey.stop({ delay: 90_000 })
    await atRest()
    expect(latchkey.stopping.aborted).toBe(false)
    await latchkey.stop()
    await first
    expect(latchkey.stopping.aborted).toBe(true)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the delay %s', async (delay) => {
    const { latchkey } = await makeHost()
    await expect(latchkey.stop({ delay })).rejects.toThrow(`Invalid delay of stop(): ${delay}.`)
    expect(latchkey.stopping.aborted).toBe(false)
    await latchkey.stop()
  })

  it('reports to every caller that the store could not be closed', async () => {
    const store = Object.assign(memoryStore(), {
      close: async () => {
        throw new Error('The disk is full.')
      },
    })
    const { latchkey } = await makeHost({ store })
    await expect(latchkey.stop()).rejects.toThrow('The disk is full.')
    await expect(latchkey.stop()).rejects.toThrow('The disk is full.')
  })
})
