import { describe, expect, it } from '@jest/globals'
import { KeyedMutex } from '../../../src/engine/lib/keyed-mutex.ts'

describe('Locks', () => {
  it('does one piece of work at a time for each key, in the order of asking', async () => {
    const locks = new KeyedMutex()
    const told: string[] = []
    const work = (key: string, name: string, turns: number) =>
      locks.run(key, async () => {
        told.push(`${name} begins`)
        for (let invocation = 0; invocation < turns; invocation++) await null
        told.push(`${name} ends`)
        return name
      })
    const all = [work('a', 'one', 9), work('a', 'two', 1), work('b', 'other', 1)]
    expect(await Promise.all(all)).toEqual(['one', 'two', 'other'])
    expect(told).toEqual(['one begins', 'other begins', 'other ends', 'one ends', 'two begins', 'two ends'])
  })

  it('goes on after work that fails', async () => {
    const locks = new KeyedMutex()
    const failed = locks.run('a', () => Promise.reject(new Error('mine')))
    const next = locks.run('a', async () => 'done')
    await expect(failed).rejects.toThrow('mine')
    expect(await next).toBe('done')
  })

  it('is idle when all calls have finished', async () => {
    const locks = new KeyedMutex()
    let done = false
    void locks.run('a', async () => {
      await new Promise(setImmediate)
      done = true
    })
    await locks.idle()
    expect(done).toBe(true)
    await locks.idle()
  })
})
