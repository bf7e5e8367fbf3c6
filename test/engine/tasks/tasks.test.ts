import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { Jobs, JobsHost } from '../../../src/ports/jobs.ts'
import { type Host, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A process whose jobs run nothing, and the engine as they see it. */
async function withJobs(store = memoryStore()): Promise<{ readonly host: Host; readonly seen: JobsHost }> {
  let seen: JobsHost | undefined
  const jobs: Jobs = {
    start: async (_tasks, host) => {
      seen = host
    },
    stop: async () => {},
  }
  const host = await makeHost({ store, jobs })
  await host.latchkey.start()
  if (seen === undefined) throw new Error('The jobs were not started.')
  return { host, seen }
}

describe('recurring tasks', () => {
  it('run in one process at a time, and in the other one after it', async () => {
    const place = memoryPlace()
    const stores = [new TamperedStore(memoryStore(place)), new TamperedStore(memoryStore(place))] as const
    const one = await makeHost({ store: stores[0] })
    const two = await one.again({ store: stores[1], clock: one.clock })
    let end: () => void = () => {}
    stores[0].onDue = () => new Promise((resolve) => (end = resolve))
    let turns = 0
    stores[1].onDue = async () => {
      turns++
    }
    await one.latchkey.start()
    await two.latchkey.start()
    for (let count = 0; count < 6; count++) await one.pass(10 * SECOND)
    expect(turns).toBe(0)
    end()
    stores[0].onDue = async () => {}
    await one.pass(0)
    await one.pass(10 * SECOND)
    await one.pass(10 * SECOND)
    expect(turns).toBeGreaterThanOrEqual(1)
    await Promise.all([one.latchkey.stop(), two.latchkey.stop()])
  })

  it('are lost by a process that was paused', async () => {
    const place = memoryPlace()
    const one = await withJobs(memoryStore(place))
    const two = await withJobs(memoryStore(place))
    const claim = await one.seen.claim('settle_due')
    expect(await two.seen.claim('settle_due')).toBeNull()
    expect(await two.seen.claim('purge_history')).not.toBeNull()
    two.host.clock.increment(16 * SECOND)
    expect(await two.seen.claim('settle_due')).not.toBeNull()
    expect(claim?.lost.aborted).toBe(false)
    await one.host.pass(16 * SECOND)
    expect(claim?.lost.aborted).toBe(true)
  })

  it('end after five minutes, are logged, and have their next turn', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    await host.latchkey.start()
    let turns = 0
    store.onDue = () => {
      turns++
      return new Promise(() => {})
    }
    await host.pass(10 * SECOND)
    await host.pass(5 * MINUTE)
    expect(host.log.lines).toMatchObject([
      { message: 'A task failed.', fields: { task: 'settle_due', error: { name: 'Error' } } },
    ])
    await host.pass(10 * SECOND)
    expect(turns).toBe(2)
  })

  it('log the failures that jobs report', async () => {
    const { host, seen } = await withJobs()
    seen.report(new Error('The turn failed.'), 'settle_due')
    seen.report(new Error('The connection broke.'), null)
    expect(host.log.lines).toMatchObject([
      { level: 'error', message: 'A task failed.', fields: { task: 'settle_due' } },
      { level: 'error', message: 'The recurring tasks cannot run.' },
    ])
  })

  it('start once, even if the host starts twice', async () => {
    const { host } = await withJobs()
    await expect(host.latchkey.start()).resolves.toBeUndefined()
  })
})
