import { describe, expect, it } from '@jest/globals'
import { createLatchkey, memoryStore } from '../../../src/index.ts'
import { addEntry, atRest, type Host, type HostOptions, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

/** Entries of an integration that must stay connected, linked by a process that has ended. */
async function pushed(count = 1, options: HostOptions = {}) {
  const first = await makeHost(options)
  const ids: string[] = []
  for (let index = 0; index < count; index++)
    ids.push(await addEntry(first, { token: `t${index}`, account: `a${index}` }))
  for (const id of ids) await first.latchkey.entries.unload(id)
  first.service.connects.length = 0
  const integration = { ...first.service.integration, stayConnected: true }
  const process = async (changes: HostOptions = {}): Promise<Host> => {
    const host = await first.again({ ...options, integrations: [integration], connect: 'lazy', ...changes })
    await host.latchkey.start()
    return host
  }
  const ping = (host: Host, id: string) =>
    host.latchkey.entries.use(integration, id, (client) => client.ping())
  return { ...first, ids, integration, process, ping }
}

/** Suspends the process of a store: it neither renews its leases nor looks for entries, until it is continued. */
function suspend(store: TamperedStore) {
  const { leases, findUnowned } = store
  const [renewing, looking] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const renew: typeof leases.renew = async (term) => {
    await renewing.promise
    return leases.renew(term)
  }
  Object.defineProperty(store, 'leases', { value: { ...leases, renew } })
  store.findUnowned = async (...query) => {
    await looking.promise
    return findUnowned.apply(store, query)
  }
  return { renew: renewing.resolve, look: looking.resolve }
}

const stateIn = async ({ latchkey }: Host, id = ''): Promise<string> => (await latchkey.entries.get(id)).state

describe('an entry that must stay connected', () => {
  it('is connected at the start, by one of several processes', async () => {
    const { ids, process, service } = await pushed(3)
    const [one, two] = [await process(), await process()]
    expect(service.open).toBe(3)
    for (const id of ids)
      expect([await stateIn(one, id), await stateIn(two, id)].sort()).toEqual(['loaded', 'not_loaded'])
    await one.pass(600_000)
    await one.pass(600_000)
    expect([service.open, service.connects.length]).toEqual([3, 3])
  })

  it('is taken over at once after its process was stopped', async () => {
    const { ids, process, service, pass } = await pushed(2)
    const one = await process()
    const two = await process()
    await one.latchkey.stop()
    expect(service.open).toBe(0)
    await pass(2_000)
    expect(service.open).toBe(2)
    for (const id of ids) expect(await stateIn(two, id)).toBe('loaded')
  })

  it('is taken over within the lease after its process has died', async () => {
    const store = new TamperedStore()
    const { ids, process, pass, service } = await pushed(1, { store })
    const dead = new TamperedStore(store.inner)
    await process({ store: dead })
    const two = await process()
    expect(await stateIn(two, ids[0])).toBe('not_loaded')
    // It renews nothing any more.
    const { leases } = dead
    dead.findUnowned = () => new Promise(() => {})
    Object.defineProperty(dead, 'leases', { value: { ...leases, renew: () => new Promise(() => {}) } })
    await pass(14_000)
    expect(await stateIn(two, ids[0])).toBe('not_loaded')
    await pass(2_000)
    await pass(2_000)
    expect(await stateIn(two, ids[0])).toBe('loaded')
    expect(service.connects).toHaveLength(2)
  })

  it('is released by a process that was suspended for longer than its lease', async () => {
    const store = new TamperedStore()
    const { ids, process, pass, service } = await pushed(1, { store })
    const paused = new TamperedStore(store.inner)
    const one = await process({ store: paused })
    const two = await process()
    const resumed = suspend(paused)
    await pass(5_000)
    await pass(12_000)
    await pass(2_000)
    expect([await stateIn(one, ids[0]), await stateIn(two, ids[0])]).toEqual(['loaded', 'loaded'])
    resumed.renew()
    resumed.look()
    await atRest()
    expect([await stateIn(one, ids[0]), await stateIn(two, ids[0])]).toEqual(['not_loaded', 'loaded'])
    expect(service.open).toBe(1)
  })

  it('is released after its last call by a process that has lost it during the call', async () => {
    const store = new TamperedStore()
    const { ids, integration, process, pass, service } = await pushed(1, { store })
    const [id = ''] = ids
    const paused = new TamperedStore(store.inner)
    const one = await process({ store: paused })
    const two = await process()
    const resumed = suspend(paused)
    const call = Promise.withResolvers<string>()
    const options = { timeout: Number.POSITIVE_INFINITY }
    const used = one.latchkey.entries.use(integration, id, () => call.promise, options)
    for (const time of [5_000, 12_000, 2_000]) await pass(time)
    resumed.renew()
    resumed.look()
    await atRest()
    expect([await stateIn(one, id), await stateIn(two, id)]).toEqual(['loaded', 'loaded'])
    call.resolve('done')
    expect(await used).toBe('done')
    await atRest()
    expect([await stateIn(one, id), await stateIn(two, id)]).toEqual(['not_loaded', 'loaded'])
    expect(service.open).toBe(1)
  })

  it('stays connected if its process was suspended and no other has taken it', async () => {
    const store = new TamperedStore()
    const { ids, process, pass, service } = await pushed(1, { store })
    const one = await process()
    const resumed = suspend(store)
    for (const time of [5_000, 12_000, 2_000]) await pass(time)
    resumed.look()
    await atRest()
    await pass(2_000)
    resumed.renew()
    await atRest()
    expect(await stateIn(one, ids[0])).toBe('loaded')
    expect([service.open, service.connects.length]).toEqual([1, 1])
  })

  it('stays connected in the process that takes it over during a call', async () => {
    const { ids, integration, process, pass, service } = await pushed()
    const [id = ''] = ids
    const one = await process()
    const two = await process()
    const call = Promise.withResolvers<string>()
    const used = two.latchkey.entries.use(integration, id, () => call.promise)
    await atRest()
    await one.latchkey.stop()
    await pass(2_000)
    call.resolve('done')
    expect(await used).toBe('done')
    await pass(600_000)
    expect(await stateIn(two, id)).toBe('loaded')
    expect([service.open, service.connects.length]).toEqual([1, 2])
  })

  it('stays connected in the process that takes it over while the connection of a call closes', async () => {
    const { ids, process, pass, ping, service } = await pushed()
    const [id = ''] = ids
    const one = await process()
    const two = await process()
    const closed = Promise.withResolvers<void>()
    const remove = two.latchkey.on('entry_unloaded', () => closed.promise)
    expect(await ping(two, id)).toBe('pong')
    await atRest()
    expect(await stateIn(two, id)).toBe('unload_in_progress')
    remove()
    await one.latchkey.stop()
    await pass(2_000)
    closed.resolve()
    await atRest()
    await pass(600_000)
    expect(await stateIn(two, id)).toBe('loaded')
    expect([service.open, service.connects.length]).toEqual([1, 3])
  })

  it('connects again by itself after a failure', async () => {
    const { process, service, ids, pass } = await pushed()
    service.script('cannot_connect')
    const host = await process()
    expect(await stateIn(host, ids[0])).toBe('setup_retry')
    await pass(5_000)
    expect(await stateIn(host, ids[0])).toBe('loaded')
  })

  it('connects in another process for the duration of a call', async () => {
    const { process, service, ids, ping } = await pushed()
    const [id = ''] = ids
    await process()
    const two = await process()
    expect(await ping(two, id)).toBe('pong')
    await atRest()
    expect(service.open).toBe(1)
    expect(await stateIn(two, id)).toBe('not_loaded')
  })

  it('stays connected in the process that links it', async () => {
    const { process, service } = await pushed(0)
    const one = await process()
    const two = await process()
    const id = await addEntry(one, { token: 'new', account: 'new' })
    expect([await stateIn(one, id), await stateIn(two, id)]).toEqual(['loaded', 'not_loaded'])
    await one.pass(600_000)
    expect([service.open, service.connects.length]).toEqual([1, 1])
  })

  it('can be linked and removed in any process', async () => {
    const { process, service, ids, pass } = await pushed(1)
    const [id = ''] = ids
    const one = await process()
    await process()
    await one.latchkey.entries.remove(id)
    await pass(20_000)
    expect(service.open).toBe(0)
    const again = await addEntry(one, { token: 't0', account: 'a0' })
    expect(await stateIn(one, again)).toBe('loaded')
  })

  it('is not connected while it is disabled, and connects after it was enabled', async () => {
    const { process, service, ids, pass } = await pushed(1)
    const [id = ''] = ids
    const one = await process()
    await one.latchkey.entries.disable(id)
    await pass(20_000)
    expect(service.open).toBe(0)
    await one.latchkey.entries.enable(id)
    expect(service.open).toBe(1)
  })

  it('is not connected at the start while it is disabled, until another process enables it', async () => {
    const { latchkey, ids, process, pass, service } = await pushed()
    const [id = ''] = ids
    await latchkey.entries.disable(id)
    const one = await process()
    const two = await process()
    expect([await stateIn(one, id), service.open]).toEqual(['disabled', 0])
    await two.latchkey.entries.enable(id)
    await pass(2_000)
    await pass(600_000)
    expect([await stateIn(one, id), service.open]).toEqual(['loaded', 1])
  })

  it('is connected by its owner with the credential that another process has saved', async () => {
    const { process, service, ids, pass } = await pushed(1)
    const [id = ''] = ids
    const one = await process()
    const two = await process()
    const form = await two.latchkey.flows.start({ source: 'reauth', entryId: id })
    service.accounts.set('second', 'a0')
    await two.latchkey.flows.submit(form.flowId, { token: 'second' }, { revision: form.revision })
    await pass(2_000)
    await one.latchkey.entries.use({ ...service.integration, stayConnected: true }, id, () => {})
    expect(service.connects.at(-1)).toMatchObject({ token: 'second' })
    await atRest()
    expect(service.open).toBe(1)
  })

  it('is claimed again after the store has failed', async () => {
    const store = new TamperedStore()
    const { process, service, pass } = await pushed(1, { store })
    const { findUnowned } = store
    store.findUnowned = async () => {
      throw new Error('The connection was lost.')
    }
    const host = await process()
    expect(service.open).toBe(0)
    expect(host.log.messages).toContain('An entry that must stay connected could not be claimed.')
    store.findUnowned = findUnowned
    await pass(2_000)
    expect(service.open).toBe(1)
  })

  it('is connected within two seconds after its record could not be read', async () => {
    const store = new TamperedStore()
    const { process, service, pass } = await pushed(1, { store })
    const { findUnowned, onEntry } = store
    store.findUnowned = async (...query) => {
      store.onEntry = async () => {
        throw new Error('The connection was lost.')
      }
      return findUnowned.apply(store, query)
    }
    const host = await process()
    expect(service.open).toBe(0)
    expect(host.log.messages).toEqual(['An entry that must stay connected could not be claimed.'])
    Object.assign(store, { findUnowned, onEntry })
    await pass(2_000)
    expect(service.open).toBe(1)
  })

  it('does not delay the others if it was removed by another process', async () => {
    const store = new TamperedStore()
    const { process, service } = await pushed(1, { store })
    const { findUnowned } = store
    store.findUnowned = async (...query) => [
      { scope: 'default', entryId: 'removed' },
      ...(await findUnowned.apply(store, query)),
    ]
    const host = await process()
    expect(service.open).toBe(1)
    expect(host.log.messages).toEqual([])
    const term = { holder: 'other', ms: 15_000, now: host.clock.now() }
    expect(
      await store.leases.claim({ scope: 'default', kind: 'connection', id: 'removed' }, term),
    ).not.toBeNull()
  })

  it('is left to another process that can read its row', async () => {
    const store = new TamperedStore()
    const { ids, process, service, pass } = await pushed(1, { store })
    const paused = new TamperedStore(store.inner)
    const { findUnowned } = paused
    paused.findUnowned = (...query) => {
      paused.onEntry = async (entry) => entry && { ...structuredClone(entry), version: 0 }
      return findUnowned.apply(paused, query)
    }
    const one = await process({ store: paused })
    const item = { entryId: ids[0], reason: 'unreadable' }
    expect(await one.latchkey.attention.list()).toMatchObject([item])
    expect(one.log.messages).toEqual(['The row of an entry could not be read.'])
    const two = await process()
    const resumed = suspend(paused)
    for (const time of [5_000, 12_000, 2_000]) await pass(time)
    expect([await stateIn(two, ids[0]), service.open]).toEqual(['loaded', 1])
    resumed.renew()
    resumed.look()
    await atRest()
    expect([await stateIn(two, ids[0]), service.open]).toEqual(['loaded', 1])
    expect(one.log.messages).toHaveLength(1)
  })

  it('is not claimed after a stop, also if that begins during a look', async () => {
    const store = new TamperedStore()
    const { process, pass } = await pushed(1, { store })
    const host = await process()
    const answer = Promise.withResolvers<never>()
    let looks = 0
    store.findUnowned = () => {
      looks++
      return answer.promise
    }
    await pass(2_000)
    const stopped = host.latchkey.stop()
    answer.reject(new Error('The store was closed.'))
    await stopped
    for (let times = 0; times < 3; times++) await pass(2_000)
    expect(looks).toBe(1)
    expect(host.log.messages).toEqual([])
  })
})

describe('an integration', () => {
  it('requires true or false for `stayConnected`', async () => {
    const { service } = await makeHost()
    const integration = Object.assign({ ...service.integration }, { stayConnected: 'yes' as never })
    await expect(createLatchkey({ integrations: [integration], store: memoryStore() })).rejects.toThrow(
      'Integration "scripted": stayConnected is a string. Use true or false.',
    )
  })
})
