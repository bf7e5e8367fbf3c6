import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { CannotConnectError } from '../../../src/index.ts'
import { type Host, makeHost, openForm } from '../host.ts'
import { TokenService } from '../token-service.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = 1_000_000

/** An entry whose token lives for an hour, linked by a process that has ended. Another process runs lazily. */
async function unused() {
  const clock = new SimulatedClock()
  clock.set(START)
  const service = new TokenService(clock)
  const first = await makeHost({ integrations: [service.integration], clock })
  const form = await openForm(first.latchkey, 'tokens')
  const { entryId } = await first.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
  const id = String(entryId)
  const host = await first.again({ connect: 'lazy' })
  await host.latchkey.start()
  service.connects.length = 0
  const entry = () => host.store.getEntry('default', id)
  return { host, service, id, entry, clock }
}

/** Lets a turn of the tasks pass. */
const turn = async (host: Host, after: number) => {
  await host.pass(after)
  await host.pass(10_000)
}

describe('a token that no call needs', () => {
  it('is refreshed a day after it was issued, and again a day later, without a connection', async () => {
    const { host, service, entry } = await unused()
    expect(await entry()).toMatchObject({ refreshAt: START + DAY })
    await turn(host, 23 * HOUR)
    expect(service.renewals).toEqual([])
    await turn(host, HOUR)
    expect(service.renewals).toHaveLength(1)
    expect(service.connects).toEqual([])
    const { refreshAt, refreshFailure } = (await entry()) ?? {}
    expect(refreshAt).toBeGreaterThan(START + 2 * DAY - HOUR)
    expect(refreshFailure ?? null).toBeNull()
    await turn(host, DAY)
    expect(service.renewals).toHaveLength(2)
  })

  it('brings the entry into the attention list of all processes if the service rejects the credential', async () => {
    const { host, service, id, entry } = await unused()
    service.good = null
    await turn(host, DAY)
    expect(service.renewals).toHaveLength(1)
    const other = await host.again()
    for (const { latchkey } of [host, other]) {
      expect(await latchkey.attention.list()).toMatchObject([
        { entryId: id, reason: 'invalid_auth', flowId: expect.any(String) },
      ])
    }
    expect(await entry()).toMatchObject({ refreshAt: null })
    await turn(host, 2 * DAY)
    expect(service.renewals).toHaveLength(1)
    expect(service.connects).toEqual([])
  })

  it('repeats a failed refresh after an hour, not in each turn', async () => {
    const { host, service, entry } = await unused()
    service.before = () => {
      throw new CannotConnectError()
    }
    await turn(host, DAY)
    expect(service.renewals).toHaveLength(1)
    expect(await entry()).toMatchObject({ refreshFailure: { reason: 'cannot_connect' } })
    for (let turns = 0; turns < 5; turns++) await turn(host, 0)
    expect(service.renewals).toHaveLength(1)
    await turn(host, HOUR)
    expect(service.renewals).toHaveLength(2)
  })

  it('is not refreshed while its entry is disabled', async () => {
    const { host, service, id, entry } = await unused()
    await host.latchkey.entries.disable(id)
    await turn(host, DAY)
    expect(service.renewals).toEqual([])
    expect((await entry())?.refreshAt).toBeGreaterThan(START + DAY)
  })

  it('is refreshed by the next call in time, and then a day later', async () => {
    const { host, service, id, entry } = await unused()
    await host.pass(HOUR)
    await host.latchkey.entries.use(service.integration, id, (client) => client.call())
    expect(service.renewals).toHaveLength(1)
    expect(await entry()).toMatchObject({ refreshAt: START + HOUR + DAY })
    await turn(host, 23 * HOUR)
    expect(service.renewals).toHaveLength(1)
  })

  it('is left to a later turn if the store cannot be written, and the failure is logged', async () => {
    const { host, id } = await unused()
    const { apply } = host.store
    Object.assign(host.store, {
      apply: async () => {
        throw new Error('The disk is full.')
      },
    })
    await host.latchkey.entries.get(id)
    await turn(host, DAY)
    expect(host.log.lines.some(({ level }) => level !== 'info')).toBe(true)
    Object.assign(host.store, { apply })
  })

  it('does not delay the others if its row is damaged or was removed', async () => {
    const { host, service, id } = await unused()
    const { findRefreshDue } = host.store
    Object.assign(host.store, {
      findRefreshDue: async (now: number, limit: number) => [
        { scope: 'default', entryId: 'removed' },
        ...(await findRefreshDue(now, limit)),
      ],
    })
    await turn(host, DAY)
    expect(service.renewals).toHaveLength(1)
    expect(host.log.messages).toEqual([])
    expect(await host.latchkey.attention.get(id)).toBeNull()
  })
})
