import { describe, expect, it } from '@jest/globals'
import { CannotConnectError, RateLimitedError } from '../../src/errors.ts'
import { CountingClock } from './counting-clock.ts'
import { addEntry, atRest, loseCredential, makeHost } from './host.ts'
import { fail, linked } from './linked-token.ts'
import { LIFE } from './token-service.ts'

/** A host that is not started, with the number of timers that run. */
async function timed() {
  const clock = new CountingClock()
  const host = await makeHost({ clock })
  const entryId = await addEntry(host)
  await atRest()
  return { ...host, clock, entryId, entries: host.latchkey.entries }
}

describe('the delays of an entry', () => {
  it('run one timer while the connection is new, and none afterwards', async () => {
    const { clock, pass } = await timed()
    expect(clock.running).toBe(1)
    await pass(60_000)
    expect(clock.running).toBe(0)
  })

  it('run one timer while the entry backs off', async () => {
    const { clock, entryId, entries, service } = await timed()
    service.script('cannot_connect')
    expect(await entries.reload(entryId)).toMatchObject({ state: 'setup_retry' })
    expect(clock.running).toBe(1)
  })

  it.each<[string, (at: Awaited<ReturnType<typeof timed>>) => Promise<unknown>]>([
    ['unload', ({ entries, entryId }) => entries.unload(entryId)],
    ['disable', ({ entries, entryId }) => entries.disable(entryId)],
    ['remove', ({ entries, entryId }) => entries.remove(entryId)],
    ['stop', ({ latchkey }) => latchkey.stop()],
  ])('end with %s, from a new connection and from the backoff', async (_, leave) => {
    const loaded = await timed()
    await leave(loaded)
    expect(loaded.clock.running).toBe(0)
    const failed = await timed()
    failed.service.script('cannot_connect')
    await failed.entries.reload(failed.entryId)
    await leave(failed)
    expect(failed.clock.running).toBe(0)
    const connects = failed.service.connects.length
    await failed.pass(3_600_000)
    expect(failed.service.connects).toHaveLength(connects)
  })

  it('end when the credential is rejected', async () => {
    const at = await timed()
    await loseCredential(at, at.entryId)
    expect(at.clock.running).toBe(0)
  })

  it('last as long as the service asks', async () => {
    const { entryId, entries, service, pass } = await timed()
    service.script({ rateLimited: 86_400 })
    await entries.reload(entryId)
    const connects = service.connects.length
    await pass(86_399_999)
    expect(service.connects).toHaveLength(connects)
    await pass(1)
    expect(await entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('believe a probe for a minute', async () => {
    const { entryId, entries, service, pass, clock } = await timed()
    let calls = 0
    const use = () =>
      entries
        .use(service.integration, entryId, (client) => {
          calls++
          service.accounts.delete('good')
          service.script({ connect: 'ann' })
          return client.ping()
        })
        .catch((error: { code: string }) => error.code)
    await use()
    expect([calls, clock.running]).toEqual([2, 1])
    await use()
    expect(calls).toBe(3)
    await pass(60_000)
    await use()
    expect(calls).toBe(5)
  })
})

describe('the delays of a token', () => {
  const failing = async (error: () => Error) => {
    const clock = new CountingClock()
    const at = await linked({ clock })
    await at.pass(LIFE)
    at.service.before = () => {
      throw error()
    }
    expect(await at.use()).toMatch(/^REFRESH_FAILED/)
    at.service.before = () => undefined
    return { ...at, clock }
  }

  it('send nothing when the backoff ends: the next call refreshes', async () => {
    const { use, service, pass, clock } = await failing(() => new CannotConnectError())
    expect([service.renewals.length, clock.running]).toEqual([1, 1])
    expect(await use()).toBe('REFRESH_FAILED cannot_connect 1')
    await pass(1_000)
    expect([service.renewals.length, clock.running]).toEqual([1, 0])
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(2)
  })

  it('last as long as the service asks', async () => {
    const { use, service, pass } = await failing(() => new RateLimitedError(90))
    await pass(89_999)
    expect(await use()).toBe('REFRESH_FAILED rate_limited 1')
    expect(service.renewals).toHaveLength(1)
    await pass(1)
    expect(await use()).toBe('access-2')
  })

  it.each([Number.NaN, -1, {} as never])('wait no time if the service asks for %j', async (retryAfter) => {
    const { use, pass } = await failing(() => new RateLimitedError(retryAfter))
    await pass(1_000)
    expect(await use()).toBe('access-2')
  })

  it('end with the host and with the entry', async () => {
    const stopped = await failing(() => new CannotConnectError())
    await stopped.host.latchkey.stop()
    expect(stopped.clock.running).toBe(0)
    const removed = await failing(() => new CannotConnectError())
    await removed.host.latchkey.entries.remove(removed.entryId)
    expect(removed.clock.running).toBe(0)
  })

  it('end with the host while a new token could not be saved, and while another process refreshes', async () => {
    const clock = new CountingClock()
    const { host, store, use, pass, service } = await linked({ clock })
    const other = await host.again()
    await pass(LIFE)
    let answer: () => void = () => {}
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const [first, second] = [use(), use(other)]
    await atRest()
    await other.latchkey.stop()
    await second
    store.before('apply', 1, fail)
    answer()
    await first
    await host.latchkey.stop()
    expect(clock.running).toBe(0)
  })
})
