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
  return { ...first, ids, process, ping }
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
    const { leases } = paused
    const { renew } = leases
    const resumed = Promise.withResolvers<void>()
    const suspended: typeof renew = async (term) => {
      await resumed.promise
      return renew.call(leases, term)
    }
    const { findUnowned } = paused
    paused.findUnowned = async (...query) => {
      await resumed.promise
      return findUnowned.apply(paused, query)
    }
    Object.defineProperty(paused, 'leases', { value: { ...leases, renew: suspended } })
    await pass(5_000)
    await pass(12_000)
    await pass(2_000)
    expect([await stateIn(one, ids[0]), await stateIn(two, ids[0])]).toEqual(['loaded', 'loaded'])
    resumed.resolve()
    await atRest()
    expect([await stateIn(one, ids[0]), await stateIn(two, ids[0])]).toEqual(['not_loaded', 'loaded'])
    expect(service.open).toBe(1)
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
