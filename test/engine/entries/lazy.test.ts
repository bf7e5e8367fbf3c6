import { describe, expect, it } from '@jest/globals'
import { type EntryRecord, type LatchkeyEvents, memoryStore, StoreError } from '../../../src/index.ts'
import { addEntry, atRest, type Host, type HostOptions, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const MINUTE = 60_000

/** Entries of one process, and another process that connects them only for calls. */
async function lazyHost(count = 1, options: HostOptions = {}): Promise<Host & { readonly ids: string[] }> {
  const first = await makeHost(options)
  const ids: string[] = []
  for (let index = 0; index < count; index++)
    ids.push(await addEntry(first, { token: `t${index}`, account: `a${index}` }))
  for (const id of ids) await first.latchkey.entries.unload(id)
  first.service.connects.length = 0
  const host = await first.again({ connect: 'lazy', ...options })
  await host.latchkey.start()
  return { ...host, ids }
}

const ping = ({ latchkey, service }: Host, entryId: string): Promise<string> =>
  latchkey.entries.use(service.integration, entryId, (client) => client.ping())

const failureOf = ({ store }: Host, entryId: string): Promise<EntryRecord['setupFailure']> =>
  store.getEntry('default', entryId).then((entry) => entry?.setupFailure)

describe('an entry that connects lazily', () => {
  it('is not connected at the start, also if the store is shared by many processes', async () => {
    const { ids, service, latchkey } = await lazyHost(3)
    expect(service.connects).toEqual([])
    for (const id of ids) expect(await latchkey.entries.get(id)).toMatchObject({ state: 'not_loaded' })
    const shared = Object.assign(new TamperedStore(), { shared: true })
    const host = await makeHost({ store: shared })
    const id = await addEntry(host)
    await host.latchkey.entries.unload(id)
    const { length } = host.service.connects
    const again = await host.again()
    await again.latchkey.start()
    const eager = await host.again({ connect: 'eager' })
    expect(host.service.connects).toHaveLength(length)
    await eager.latchkey.start()
    expect(host.service.connects).toHaveLength(length + 1)
  })

  it('connects at its first use, once for several calls', async () => {
    const host = await lazyHost(2)
    const [one = ''] = host.ids
    expect(await Promise.all([ping(host, one), ping(host, one), ping(host, one)])).toEqual([
      'pong',
      'pong',
      'pong',
    ])
    expect(host.service.connects).toHaveLength(1)
    expect(await host.latchkey.entries.get(one)).toMatchObject({ state: 'loaded' })
  })

  it('tells the calls during an outage of the store so, and connects for the first one after it', async () => {
    const store = new TamperedStore()
    const host = await lazyHost(1, { store })
    const [id = ''] = host.ids
    const calls = () => Promise.allSettled([ping(host, id), ping(host, id), ping(host, id)])
    const refused = Array(3).fill({ status: 'rejected', reason: { code: 'STORE' } })
    // The outage begins at each read of the calls, up to the one that the login follows.
    for (let begins = 0; ; begins++) {
      let reads = 0
      store.onEntry = async (entry) => {
        if (reads++ >= begins) throw new StoreError('The connection broke.')
        return entry
      }
      const told = await calls()
      if (host.service.connects.length > 0) {
        expect(begins).toBeGreaterThan(2)
        break
      }
      expect(told).toMatchObject(refused)
      expect(await calls()).toMatchObject(refused)
      store.onEntry = async (entry) => entry
      expect(await host.latchkey.entries.get(id)).toMatchObject({ state: 'not_loaded', reason: null })
      expect(await failureOf(host, id)).toBeUndefined()
    }
    store.onEntry = async (entry) => entry
    expect(await ping(host, id)).toBe('pong')
    expect(host.service.connects).toHaveLength(1)
  })

  it.each([1, 2, 3, 4, 5])(
    'reads once for all waiting calls during an outage of the store that follows read %i',
    async (last) => {
      const store = new TamperedStore()
      const host = await lazyHost(1, { store })
      const [id = ''] = host.ids
      const gate = Promise.withResolvers<void>()
      let reads = 0
      store.onEntry = async (entry) => {
        if (++reads > last) throw new StoreError('The connection broke.')
        if (reads === last) await gate.promise
        return entry
      }
      const call = () => ping(host, id).catch((error) => error.code)
      const first = call()
      await atRest()
      const others = [call(), call()]
      await atRest()
      gate.resolve()
      for (const one of await Promise.all([first, ...others])) expect(['pong', 'STORE']).toContain(one)
      expect(reads).toBeLessThan(last + 4)
      store.onEntry = async (entry) => entry
      expect(await ping(host, id)).toBe('pong')
      expect(host.service.connects).toHaveLength(1)
    },
  )

  it('is unloaded when it is idle, and connects again at its next use', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    const told: (keyof LatchkeyEvents)[] = []
    for (const type of ['entry_loaded', 'entry_unloaded'] as const)
      host.latchkey.on(type, () => told.push(type))
    await ping(host, id)
    await host.pass(9 * MINUTE)
    await ping(host, id)
    await host.pass(9 * MINUTE)
    expect(host.service.open).toBe(1)
    await host.pass(MINUTE)
    expect(host.service.open).toBe(0)
    expect(await host.latchkey.entries.get(id)).toMatchObject({ state: 'not_loaded' })
    expect(told).toEqual(['entry_loaded', 'entry_unloaded'])
    expect(await ping(host, id)).toBe('pong')
    expect(host.service.connects).toHaveLength(2)
  })

  it('is not unloaded during a call, even a long one', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    const call = Promise.withResolvers<string>()
    let signal: AbortSignal | undefined
    const used = host.latchkey.entries.use(
      host.service.integration,
      id,
      (_, context) => {
        signal = context.signal
        return call.promise
      },
      { timeout: Number.POSITIVE_INFINITY },
    )
    await atRest()
    await host.pass(60 * MINUTE)
    expect([host.service.open, signal?.aborted]).toEqual([1, false])
    call.resolve('done')
    expect(await used).toBe('done')
    await host.pass(10 * MINUTE)
    expect(host.service.open).toBe(0)
  })

  it('is unloaded earlier if too many are loaded, the one with the oldest use first', async () => {
    const host = await lazyHost(3, { limits: { maxLoaded: 2 } })
    const [one = '', two = '', three = ''] = host.ids
    for (const id of [one, two, one, three]) await ping(host, id)
    await atRest()
    const states = await Promise.all(host.ids.map((id) => host.latchkey.entries.get(id)))
    expect(states.map(({ state }) => state)).toEqual(['loaded', 'not_loaded', 'loaded'])
    expect(host.service.open).toBe(2)
  })

  it('keeps all entries with a call in progress, also if they are too many', async () => {
    const host = await lazyHost(3, { limits: { maxLoaded: 1 } })
    const calls = Promise.withResolvers<void>()
    const used = host.ids.map((id) =>
      host.latchkey.entries.use(host.service.integration, id, async (client) => {
        await calls.promise
        return client.ping()
      }),
    )
    await atRest()
    expect(host.service.open).toBe(3)
    calls.resolve()
    expect(await Promise.all(used)).toEqual(['pong', 'pong', 'pong'])
    await atRest()
    expect(host.service.open).toBe(1)
  })

  it('stays loaded with idleAfter: Infinity', async () => {
    const host = await lazyHost(1, { limits: { idleAfter: Number.POSITIVE_INFINITY } })
    await ping(host, host.ids[0] ?? '')
    await host.pass(1_000 * MINUTE)
    expect(host.service.open).toBe(1)
  })

  it('serves a call that begins while it is being unloaded', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    await ping(host, id)
    const second = Promise.withResolvers<string>()
    host.latchkey.on('entry_unloaded', () => {
      ping(host, id).then(second.resolve, second.reject)
    })
    await host.pass(10 * MINUTE)
    expect(await second.promise).toBe('pong')
    expect(await ping(host, id)).toBe('pong')
    expect(host.service.open).toBe(1)
  })

  it('is not unloaded if a call begins while a reload delays that', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    await ping(host, id)
    await host.pass(10 * MINUTE - 1)
    host.service.script({ held: { connect: 'a0' } })
    const reloaded = host.latchkey.entries.reload(id)
    await atRest()
    await host.pass(1)
    const call = Promise.withResolvers<void>()
    const used = host.latchkey.entries.use(host.service.integration, id, async (client) => {
      await call.promise
      return client.ping()
    })
    host.service.release()
    await reloaded
    await atRest()
    expect(await host.latchkey.entries.get(id)).toMatchObject({ state: 'loaded' })
    call.resolve()
    expect(await used).toBe('pong')
  })

  it('is forgotten once if another process removes it while it is being unloaded', async () => {
    const host = await lazyHost(2)
    const [id = '', other = ''] = host.ids
    await ping(host, id)
    await host.pass(MINUTE)
    await ping(host, other)
    const closed = Promise.withResolvers<void>()
    host.latchkey.on('entry_unloaded', () => closed.promise)
    await host.pass(9 * MINUTE)
    const { latchkey } = await host.again()
    await latchkey.entries.remove(id)
    await atRest()
    closed.resolve()
    await atRest()
    expect(host.service.open).toBe(1)
    // The changes of the other entry are still heard.
    await latchkey.entries.disable(other)
    await atRest()
    expect(host.service.open).toBe(0)
  })

  it('is unloaded also if the store cannot end its notifications, and that is logged', async () => {
    const store = new TamperedStore()
    const host = await lazyHost(1, { store })
    Object.assign(store.feed, {
      listen: () => () => {
        throw new Error('The connection was lost.')
      },
    })
    await ping(host, host.ids[0] ?? '')
    await host.pass(10 * MINUTE)
    expect(host.service.open).toBe(0)
    expect(host.log.messages).toEqual(['An idle entry could not be unloaded.'])
  })

  it('adopts the connection of a flow, and is unloaded when it is idle', async () => {
    const host = await makeHost({ connect: 'lazy' })
    await addEntry(host)
    expect(host.service.open).toBe(1)
    await host.pass(10 * MINUTE)
    expect(host.service.open).toBe(0)
  })
})

describe('a lazy entry that cannot connect', () => {
  it('tells when a call connects again, arms no timer, and connects at the next use after that', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.script('cannot_connect', 'cannot_connect')
    const refused = { code: 'ENTRY_NOT_LOADED', state: 'setup_retry', reason: 'cannot_connect' }
    await expect(ping(host, id)).rejects.toMatchObject({ ...refused, retryAt: 1_005_000 })
    await expect(ping(host, id)).rejects.toThrow('Call again after 1970-01-01T00:16:45.000Z.')
    expect(host.service.connects).toHaveLength(1)
    await host.pass(MINUTE)
    expect(host.service.connects).toHaveLength(1)
    await expect(ping(host, id)).rejects.toMatchObject({ ...refused, retryAt: 1_070_000 })
    expect(await failureOf(host, id)).toEqual({
      reason: 'cannot_connect',
      since: 1_000_000,
      tries: 2,
      retryAt: 1_070_000,
    })
    await host.pass(MINUTE)
    expect(await ping(host, id)).toBe('pong')
    expect(await failureOf(host, id)).toBeNull()
  })

  it('is not connected by another process before the stored time, and counts on there', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.script('cannot_connect', 'cannot_connect')
    await expect(ping(host, id)).rejects.toMatchObject({ retryAt: 1_005_000 })
    const other = await host.again()
    const view = { state: 'setup_retry', reason: 'cannot_connect' }
    expect(await other.latchkey.entries.get(id)).toMatchObject(view)
    await expect(ping(other, id)).rejects.toMatchObject({ ...view, retryAt: 1_005_000 })
    expect(host.service.connects).toHaveLength(1)
    await host.pass(5_000)
    await expect(ping(other, id)).rejects.toMatchObject({ retryAt: 1_015_000 })
    expect(await failureOf(host, id)).toMatchObject({ tries: 2 })
  })

  it('connects at the next use after another process has connected', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.script({ rateLimited: 3_600 })
    await expect(ping(host, id)).rejects.toMatchObject({ retryAt: 4_600_000 })
    const other = await host.again()
    await other.latchkey.entries.setup(id)
    expect(await ping(host, id)).toBe('pong')
  })

  it('waits for its backoff after its new connection was lost, and connects at once after an old one was', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    const drop = () => host.latchkey.entries.use(host.service.integration, id, (client) => client.drop())
    await drop()
    await atRest()
    await expect(ping(host, id)).rejects.toMatchObject({ state: 'setup_retry', retryAt: 1_005_000 })
    await host.latchkey.entries.update(id, { title: 'Renamed' })
    await expect(ping(host, id)).rejects.toMatchObject({ retryAt: 1_005_000 })
    await host.pass(5_000)
    expect(await ping(host, id)).toBe('pong')
    await host.pass(MINUTE)
    await drop()
    await atRest()
    expect(await host.latchkey.entries.get(id)).toMatchObject({ state: 'not_loaded' })
    expect(await ping(host, id)).toBe('pong')
  })

  it('connects once for several calls and a setup after its backoff', async () => {
    const store = new TamperedStore()
    const host = await lazyHost(1, { store })
    const [id = ''] = host.ids
    host.service.script('cannot_connect')
    const refused = { retryAt: 1_005_000 }
    for (let times = 0; times < 2; times++) await expect(ping(host, id)).rejects.toMatchObject(refused)
    await host.pass(5_000)
    const read = Promise.withResolvers<void>()
    store.onEntry = async (entry) => {
      await read.promise
      return entry
    }
    const setup = host.latchkey.entries.setup(id)
    const calls = [ping(host, id), ping(host, id)]
    await atRest()
    read.resolve()
    await setup
    expect(await Promise.all(calls)).toEqual(['pong', 'pong'])
    expect(host.service.connects).toHaveLength(2)
  })

  it('connects at its next use after its device was discovered, also before the backoff has elapsed', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.script('cannot_connect')
    await expect(ping(host, id)).rejects.toMatchObject({ retryAt: 1_005_000 })
    await host.latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: { uniqueId: 'a0', values: { host: 'h' }, key: 'mdns:1' },
    })
    await atRest()
    expect(host.service.connects).toHaveLength(1)
    expect(await ping(host, id)).toBe('pong')
  })

  it('believes no stored time that is too far ahead', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    const entry = await host.store.getEntry('default', id)
    if (entry === undefined) throw new Error('An entry was expected.')
    const setupFailure = { reason: 'timeout', since: 1, tries: 1, retryAt: 9e12 }
    const record = { ...entry, setupFailure, revision: entry.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    expect(await ping(host, id)).toBe('pong')
  })

  it('needs a user after a SetupError, and connects again after it was forgotten', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.script('setup_error')
    const refused = { code: 'ENTRY_NOT_LOADED', state: 'setup_error', retryAt: null }
    await expect(ping(host, id)).rejects.toMatchObject(refused)
    await expect(ping(host, id)).rejects.toMatchObject(refused)
    expect(host.service.connects).toHaveLength(1)
    await host.pass(10 * MINUTE)
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId: id, reason: 'setup_error' }])
    expect(await ping(host, id)).toBe('pong')
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('is in the attention list of all processes after the service has rejected its credential', async () => {
    const host = await lazyHost()
    const [id = ''] = host.ids
    host.service.accounts.clear()
    await expect(ping(host, id)).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
    const other = await host.again()
    expect(await other.latchkey.attention.list()).toMatchObject([{ entryId: id, reason: 'invalid_auth' }])
    expect(await other.latchkey.entries.get(id)).toMatchObject({ state: 'reauth_required' })
    const { length } = host.service.connects
    await expect(ping(other, id)).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
    expect(host.service.connects).toHaveLength(length)
  })
})

describe('createLatchkey', () => {
  it('refuses an unknown value of connect', async () => {
    const options = { integrations: [], store: memoryStore(), connect: 'later' } as never
    const { createLatchkey } = await import('../../../src/index.ts')
    await expect(createLatchkey(options)).rejects.toThrow('Invalid connect "later". Use "lazy" or "eager".')
  })
})
