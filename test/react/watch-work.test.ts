import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createClient, type View } from '../../src/client/index.ts'
import { mustWatch, watchWork } from '../../src/react/watch-work.ts'
import type { ProgressView } from '../../src/view.ts'
import { form } from '../client/samples.ts'
import { json, wireServer } from '../client/wire-server.ts'

/** A flow that works on the submitted input. */
const working = (revision: number): ProgressView => {
  const { flowId, domain, machine, source, entryId, placeholders, title, language } = form('f1', revision)
  const known = { flowId, domain, machine, source, entryId, placeholders, title, language, revision }
  return { ...known, type: 'progress', step: 'checkingConnection', text: 'Connecting…' }
}

/** Waits for real requests. */
async function eventually(check: () => void): Promise<void> {
  for (const end = Date.now() + 4_000; ; await new Promise(setImmediate)) {
    try {
      return check()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

beforeEach(() => {
  // Only the intervals of the watch are simulated: the requests are real.
  jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
})
afterEach(() => {
  jest.useRealTimers()
})

describe('a flow that works', () => {
  it('shows its form again after its process died, which no event reports', async () => {
    const server = await wireServer()
    const client = createClient({ url: server.url, token: () => 't' })
    server.answer('GET /flows/f1', json(200, working(2)))
    await client.flows.get('f1')
    const stop = watchWork(
      () => client.flows.get('f1'),
      () => {},
      true,
    )
    jest.advanceTimersByTime(4_999)
    expect(server.seen).toHaveLength(1)
    // Another process has taken the flow over.
    server.answer('GET /flows/f1', json(200, form('f1', 3)))
    jest.advanceTimersByTime(1)
    await eventually(() => expect(client.getState().flows.get('f1')).toEqual(form('f1', 3)))
    stop()
    await jest.advanceTimersByTimeAsync(60_000)
    expect(jest.getTimerCount()).toBe(0)
    expect(server.seen).toHaveLength(2)
    await server.close()
  })

  it('is read more often without an event stream, also after a read that failed', async () => {
    const server = await wireServer()
    const client = createClient({ url: server.url, token: () => 't' })
    const stop = watchWork(
      () => client.flows.get('f1'),
      () => {},
      false,
    )
    jest.advanceTimersByTime(2_000)
    await eventually(() => expect(jest.getTimerCount()).toBe(1))
    expect(server.seen).toHaveLength(1)
    server.answer('GET /flows/f1', json(200, form('f1', 3)))
    jest.advanceTimersByTime(4_000)
    await eventually(() => expect(client.getState().flows.get('f1')).toEqual(form('f1', 3)))
    stop()
    await server.close()
  })

  it('is read less often the longer the server is away, and never before the last answer', async () => {
    let isAway = true
    let answer = (): void => {}
    const times: number[] = []
    let now = 0
    const read = () => {
      times.push(now)
      return new Promise<void>((resolve, reject) => {
        answer = () => (isAway ? reject(new TypeError('fetch failed')) : resolve())
      })
    }
    const pass = async (seconds: number) => {
      for (const end = now + seconds; now < end; ) {
        now++
        await jest.advanceTimersByTimeAsync(1_000)
      }
    }
    const errors: unknown[] = []
    const stop = watchWork(read, (error) => errors.push(error), false)
    await pass(60)
    expect(times).toEqual([2])
    times.length = 0
    for (let reads = 0; reads < 6; reads++) {
      answer()
      await pass(30)
    }
    expect(times).toEqual([64, 98, 136, 180, 210, 240])
    isAway = false
    answer()
    await pass(3)
    expect(times.at(-1)).toBe(242)
    expect(errors).toHaveLength(7)
    expect(errors.at(-1)).toBeNull()
    stop()
    answer()
    await pass(60)
    expect(times).toHaveLength(7)
  })

  it('is watched until its next step, and with a code for another device only without an event stream', () => {
    const code = { step: 'device', mayGoBack: false, errors: {}, interval: 5_000, expiresAt: null } as const
    const device: View = { ...working(2), ...code }
    const views = [working(2), device, form('f1', 1), undefined]
    expect(views.map((view) => mustWatch(view, true))).toEqual([true, false, false, false])
    expect(views.map((view) => mustWatch(view, false))).toEqual([true, true, false, false])
  })
})
