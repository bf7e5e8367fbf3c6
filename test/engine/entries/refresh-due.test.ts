import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { CannotConnectError, StoreError } from '../../../src/index.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, atRest, type Host, type HostOptions, makeHost, openForm } from '../host.ts'
import { TokenService } from '../token-service.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = 1_000_000

/** An entry whose token lives for an hour, linked by a process that has ended. Another process runs lazily. */
async function unused(
  options: HostOptions = {},
  others: HostOptions['integrations'] = [],
  changes: Partial<Pick<TokenService, 'ends'>> = {},
) {
  const clock = new SimulatedClock()
  clock.set(START)
  const service = Object.assign(new TokenService(clock), changes)
  const first = await makeHost({ integrations: [service.integration, ...others], clock, ...options })
  const form = await openForm(first.latchkey, 'tokens')
  const { entryId } = await first.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
  const id = String(entryId)
  const host = await first.again({ connect: 'lazy', ...options })
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

  it('requires one sign-in if its entry is loaded and the service rejects the credential', async () => {
    const { host, service, id } = await unused({ limits: { idleAfter: Number.POSITIVE_INFINITY } })
    await host.latchkey.entries.use(service.integration, id, (client) => client.call())
    service.good = null
    await turn(host, DAY)
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId: id, reason: 'invalid_auth' }])
    expect((await host.latchkey.flows.list()).items).toHaveLength(1)
    expect(service.renewals).toHaveLength(1)
  })

  it('is refreshed once if its entry is unloaded during the refresh', async () => {
    const limits = { refreshUnused: 1, idleAfter: HOUR + 15_000 }
    const { host, service, id } = await unused({ limits })
    const use = () => host.latchkey.entries.use(service.integration, id, (client) => client.call())
    expect(await use()).toBe('access-1')
    const answer = Promise.withResolvers<void>()
    service.before = () => answer.promise
    await turn(host, HOUR)
    expect(service.renewals).toHaveLength(1)
    await host.pass(5_000)
    expect(await host.latchkey.entries.get(id)).toMatchObject({ state: 'not_loaded' })
    answer.resolve()
    await atRest()
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(1)
  })

  it('does not block the process during its refresh while too many other entries are in use', async () => {
    const scripted = new ScriptedService()
    const limits = { refreshUnused: 1, idleAfter: HOUR + 15_000, maxLoaded: 1 }
    const { host, service, id } = await unused({ limits }, [scripted.integration])
    const other = await addEntry({ latchkey: host.latchkey, service: scripted })
    await host.latchkey.entries.use(service.integration, id, (client) => client.call())
    const answer = Promise.withResolvers<void>()
    service.before = () => answer.promise
    await turn(host, HOUR)
    const call = Promise.withResolvers<string>()
    const options = { timeout: Number.POSITIVE_INFINITY }
    const used = host.latchkey.entries.use(scripted.integration, other, () => call.promise, options)
    await atRest()
    answer.resolve()
    call.resolve('done')
    expect(await used).toBe('done')
    expect(service.renewals).toHaveLength(1)
  })

  it('is refreshed in a later turn if its entry cannot be read, and that is logged', async () => {
    const { host, service } = await unused()
    const { getEntry } = host.store
    Object.assign(host.store, {
      getEntry: async () => {
        throw new Error('The connection was lost.')
      },
    })
    await turn(host, DAY)
    expect(service.renewals).toEqual([])
    expect(host.log.messages).toContain('A token that is due could not be refreshed.')
    Object.assign(host.store, { getEntry })
    await turn(host, 10_000)
    expect(service.renewals).toHaveLength(1)
  })

  it('is postponed in a later turn if another process changes its disabled entry at that moment', async () => {
    const { host, id, entry } = await unused()
    await host.latchkey.entries.disable(id)
    const { apply } = host.store
    Object.assign(host.store, {
      apply: async (...call: Parameters<typeof apply>) => {
        Object.assign(host.store, { apply })
        await host.latchkey.entries.update(id, { title: 'Renamed' })
        await apply(...call)
      },
    })
    await turn(host, DAY)
    await turn(host, 10_000)
    expect(host.log.messages).toEqual([])
    expect(await entry()).toMatchObject({ title: 'Renamed' })
    expect((await entry())?.refreshAt).toBeGreaterThan(START + DAY)
  })

  it('is postponed in a later turn if the store cannot be written, and that is logged', async () => {
    const { host, id, entry } = await unused()
    await host.latchkey.entries.disable(id)
    const { apply } = host.store
    Object.assign(host.store, {
      apply: async () => {
        throw new Error('The disk is full.')
      },
    })
    await turn(host, DAY)
    expect(host.log.messages).toContain('A token that is due could not be refreshed.')
    Object.assign(host.store, { apply })
    await turn(host, 10_000)
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

  it('is left to the next turn if the store cannot be read, and the failure is logged', async () => {
    const { host, service, id } = await unused()
    const { getEntry } = host.store
    Object.assign(host.store, {
      getEntry: async () => {
        throw new StoreError('The connection broke.')
      },
    })
    await host.pass(DAY)
    expect(host.log.lines).toContainEqual({
      level: 'warn',
      message: 'A token that is due could not be refreshed.',
      fields: { scope: 'default', entryId: id, error: expect.objectContaining({ name: 'StoreError' }) },
    })
    expect(service.renewals).toEqual([])
    Object.assign(host.store, { getEntry })
    await turn(host, 0)
    expect(service.renewals).toHaveLength(1)
  })

  it('is not refreshed without a call if its end is unknown, also after a call could not refresh it', async () => {
    const { host, service, id, entry } = await unused({}, [], { ends: () => null })
    expect((await entry())?.refreshAt ?? null).toBeNull()
    service.takes = () => false
    service.before = () => {
      throw new CannotConnectError()
    }
    await expect(
      host.latchkey.entries.use(service.integration, id, (client) => client.call()),
    ).rejects.toThrow()
    expect(service.renewals).toHaveLength(1)
    expect(await entry()).toMatchObject({ refreshFailure: { reason: 'cannot_connect' } })
    expect((await entry())?.refreshAt ?? null).toBeNull()
    await turn(host, 2 * DAY)
    expect(service.renewals).toHaveLength(1)
  })

  it('is linked although expiresAt throws, and not refreshed without a call', async () => {
    const { host, service, entry } = await unused({}, [], {
      ends: () => {
        throw new TypeError('The expiresAt of an integration has a bug.')
      },
    })
    expect((await entry())?.refreshAt ?? null).toBeNull()
    await turn(host, 2 * DAY)
    expect(service.renewals).toEqual([])
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
