import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { Connection } from '../../../machines/draft.ts'
import { LiveConnection, liveConnectionOf } from '../../../src/engine/connections/live-connection.ts'
import { atRest, MemoryLog } from '../host.ts'

function makeLive(dispose: () => void | Promise<void> = () => {}) {
  const clock = new SimulatedClock()
  const log = new MemoryLog()
  const live = new LiveConnection({
    options: {},
    storedOptions: {},
    client: 'client',
    uniqueId: 'ann',
    title: 'Ann',
    domain: 'hub',
    secrets: ['hush'],
    dispose,
    disposeTimeout: 5_000,
    clock,
    log,
  })
  return { live, clock, log }
}

describe('LiveConnection', () => {
  it('is disposed once, regardless of how many callers close it', async () => {
    let disposals = 0
    const { live } = makeLive(() => {
      disposals++
    })
    await Promise.all([live.dispose(), live.close(), live.close()])
    live.retireInBackground()
    expect(disposals).toBe(1)
  })

  it('waits for every call in flight before it closes', async () => {
    let disposed = false
    const { live } = makeLive(() => {
      disposed = true
    })
    const ends: (() => void)[] = []
    const call = () => live.use(() => new Promise<void>((resolve) => ends.push(resolve)))
    const calls = [call(), call()]
    live.retireInBackground()
    ends[0]?.()
    await calls[0]
    expect(disposed).toBe(false)
    ends[1]?.()
    await live.drained()
    await atRest()
    expect(disposed).toBe(true)
  })

  it('counts a call that fails as ended', async () => {
    const { live } = makeLive()
    await expect(live.use(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    await live.drained()
  })

  it('is no longer awaited after its timeout, and is reported once', async () => {
    const { live, clock, log } = makeLive(() => new Promise(() => {}))
    const closing = Promise.all([live.close(), live.close()])
    clock.increment(5_000)
    await closing
    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'A connection was not closed in time.', fields: { domain: 'hub' } },
    ])
  })

  it('cancels the calls that use it, and still waits for listeners', async () => {
    const { live } = makeLive()
    const listener = Promise.withResolvers<void>()
    live.holdUntil(listener.promise)
    const call = live.use(
      (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    )
    live.endCalls()
    await call
    let isDrained = false
    const drained = live.drained().then(() => {
      isDrained = true
    })
    await atRest()
    expect(isDrained).toBe(false)
    listener.resolve()
    await drained
  })

  it('calls its listener when it drops, once', () => {
    const { live } = makeLive()
    let calls = 0
    live.onLost(() => calls++)
    live.reportLost()
    live.reportLost()
    expect(calls).toBe(1)
  })

  it('reports a drop from before a listener was added, and none after it was released', async () => {
    const { live } = makeLive()
    let calls = 0
    live.reportLost()
    live.onLost(() => calls++)
    expect(calls).toBe(1)
    await live.dispose()
    live.onLost(() => calls++)
    expect(calls).toBe(1)
  })

  it('rejects with the error of dispose, and logs unawaited errors without secrets', async () => {
    const { live, log } = makeLive(() => {
      throw new Error('hush')
    })
    await expect(live.dispose()).rejects.toThrow('hush')
    await live.close()
    expect(log.lines).toMatchObject([{ fields: { domain: 'hub', error: { message: '[secret]' } } }])
  })
})

describe('liveOf', () => {
  it('opens what a machine carried, and nothing that this engine has not made', () => {
    const { live } = makeLive()
    expect(liveConnectionOf(new Connection(live))).toBe(live)
    expect(() => liveConnectionOf(new Connection({ client: 'foreign' }))).toThrow(
      'The machine has no connection of this engine.',
    )
    expect(() => liveConnectionOf(null)).toThrow(TypeError)
  })
})
