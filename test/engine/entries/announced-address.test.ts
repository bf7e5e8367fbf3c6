import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { StoreError } from '../../../src/errors.ts'
import {
  AddressRefusedError,
  address,
  CannotConnectError,
  defineIntegration,
  InvalidAuthError,
  RateLimitedError,
  type ScopedLatchkey,
  SetupError,
  secret,
} from '../../../src/index.ts'
import type { EntryRecord } from '../../../src/ports/store.ts'
import { atRest, type HostOptions, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'
import { tokenRival } from '../token-rival.ts'

const stores = someStores()
afterAll(stores.clear)

const MINUTE = 60_000
const OLD = '10.0.0.1'
const NEW = '10.0.0.2'

/** A device in a network: which account answers at which address, or what happens there instead. */
class Network {
  readonly places = new Map<string, string | null | (() => unknown)>([[OLD, 'a']])
  readonly connects: string[] = []
  readonly drops: (() => void)[] = []
  open = 0
  readonly integration = (changes: object = {}) =>
    defineIntegration({
      domain: 'device',
      title: 'Device',
      fields: z.object({ host: address({ schemes: ['http'] }), token: secret() }),
      discovery: { followAddress: true },
      challenges: { otp: z.object({ code: z.string() }) },
      connect: async ({ host }, { lost, fetch, stored }) => {
        this.connects.push(host)
        const place = this.places.get(host)
        const there = typeof place === 'function' ? await place() : place
        if (there === 'challenge') return { challenge: 'otp' as const }
        if (there === 'fetch') await fetch(`http://${host}/`)
        if (there === undefined) throw new CannotConnectError()
        this.open++
        this.drops.push(lost)
        const token = async () => (await stored()).token.reveal()
        return { client: { host, token }, uniqueId: there as string | null, dispose: () => void this.open-- }
      },
      ...changes,
    })
}

const announce = (latchkey: ScopedLatchkey, host: string, uniqueId = 'a') =>
  latchkey.flows.start({ domain: 'device', source: 'discovery', discovery: { uniqueId, values: { host } } })

/** A linked device at the old address. */
async function linked({ changes = {}, ...options }: HostOptions & { readonly changes?: object } = {}) {
  const network = new Network()
  const host = await makeHost({ integrations: [network.integration(changes)], ...options })
  const { latchkey, store } = host
  const form = await latchkey.flows.start({ domain: 'device', source: 'user' })
  const { entryId } = await latchkey.flows.submit(form.flowId, { host: OLD, token: 't' }, form)
  await atRest()
  const id = entryId ?? ''
  return {
    ...host,
    network,
    entryId: id,
    row: async () => (await store.getEntry('default', id)) as EntryRecord,
    state: async () => (await latchkey.entries.get(id)).state,
    kinds: async () =>
      (await latchkey.history(id)).items.map(({ kind }) => kind).filter((kind) => kind.startsWith('address')),
    /** The device leaves its address, and the entry loses its connection. */
    lose: async () => {
      network.places.delete(OLD)
      network.drops.at(-1)?.()
      await atRest()
    },
    write: async (change: (row: EntryRecord) => EntryRecord) => {
      const row = (await store.getEntry('default', id)) as EntryRecord
      const record = { ...change(row), revision: row.revision + 1 }
      await store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
    },
  }
}
const tries = ({ connects }: Network, host: string) => connects.filter((at) => at === host).length

describe.each(stores.each)('an announced address that the integration follows, over %s', (_, make) => {
  it('leaves a loaded entry alone, and asks no user', async () => {
    const device = await linked({ store: make() })
    device.network.places.set(NEW, 'a')
    for (let time = 0; time < 6; time++) {
      const end = await announce(device.latchkey, time % 2 === 0 ? NEW : OLD)
      expect(end).toMatchObject({ reason: 'already_configured', entryId: device.entryId })
      await device.pass(MINUTE)
    }
    expect(device.network.connects).toEqual([OLD])
    expect(await device.state()).toBe('loaded')
    expect(await device.latchkey.attention.list()).toEqual([])
    await announce(device.latchkey, NEW)
    const { revision } = await device.row()
    await announce(device.latchkey, `http://${NEW}/`)
    expect(await device.row()).toMatchObject({ revision, data: { host: OLD }, credentialRevision: 1 })
    await device.store.close()
  })

  it('is saved once the same account answers there, after the old one has failed', async () => {
    const device = await linked({ store: make() })
    device.network.places.set(NEW, 'a')
    await announce(device.latchkey, '10.0.0.9')
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(device.network.connects).toEqual([OLD, OLD, NEW])
    expect(await device.state()).toBe('loaded')
    const row = await device.row()
    expect(row).toMatchObject({ data: { host: NEW }, credentialRevision: 2, proposal: null })
    expect(await device.kinds()).toEqual(['address_followed'])
    const use = ({ host }: { host: string }) => host
    expect(await device.latchkey.entries.use(device.network.integration(), device.entryId, use)).toBe(NEW)
    expect(device.network.open).toBe(1)
    // The stored secrets can be read at the new address.
    const { latchkey } = await device.again()
    expect(await latchkey.entries.setup(device.entryId)).toMatchObject({ state: 'loaded' })
    await device.store.close()
  })

  it('is used at once if the entry is already lost', async () => {
    const device = await linked({ store: make() })
    device.network.places.set(NEW, 'a')
    await device.lose()
    await device.pass(10 * MINUTE)
    expect(await device.state()).toBe('setup_retry')
    await announce(device.latchkey, NEW)
    await atRest()
    expect(await device.state()).toBe('loaded')
    expect(await device.row()).toMatchObject({ data: { host: NEW } })
    await device.store.close()
  })

  it.each([
    ['another account', () => 'somebody'],
    ['an account without an id', () => null],
    ['a challenge', () => 'challenge'],
    ['a refusal', () => Promise.reject(new InvalidAuthError())],
    ['a rate limit', () => Promise.reject(new RateLimitedError(86_400))],
    ['a permanent failure', () => Promise.reject(new SetupError())],
    ['nonsense', () => Promise.reject(new TypeError('Invalid URL'))],
  ])('is discarded if %s answers there, and the entry retries the old one', async (_answer, place) => {
    const device = await linked({ store: make() })
    device.network.places.set(NEW, place)
    await announce(device.latchkey, NEW)
    await device.lose()
    for (let minute = 0; minute < 30; minute++) await device.pass(MINUTE)
    expect(tries(device.network, NEW)).toBe(1)
    expect(await device.state()).toBe('setup_retry')
    expect((await device.latchkey.entries.get(device.entryId)).reason).toBe('cannot_connect')
    expect(await device.row()).toMatchObject({
      data: { host: OLD },
      proposal: null,
      reauth: null,
      rejectedRevision: null,
      credentialRevision: 1,
    })
    expect(await device.latchkey.attention.list()).toEqual([])
    expect(await device.store.getAttempts('default', `entry:${device.entryId}`)).toBeUndefined()
    expect(await device.kinds()).toEqual(['address_discarded'])
    // The same address is not tried again before the entry has loaded.
    await announce(device.latchkey, NEW)
    await device.pass(10 * MINUTE)
    expect(tries(device.network, NEW)).toBe(1)
    device.network.places.set(OLD, 'a')
    await device.pass(10 * MINUTE)
    expect(await device.state()).toBe('loaded')
    expect(device.network.open).toBe(1)
    await device.store.close()
  })
})

describe('an announced address', () => {
  it('at which nothing answers is used once per lost connection', async () => {
    const device = await linked()
    await announce(device.latchkey, NEW)
    for (const lost of [1, 2]) {
      await device.lose()
      for (let minute = 0; minute < 60; minute++) {
        if (minute % 10 === 0) await announce(device.latchkey, NEW)
        await device.pass(MINUTE)
      }
      expect(tries(device.network, NEW)).toBe(lost)
      expect(await device.state()).toBe('setup_retry')
      device.network.places.set(OLD, 'a')
      await device.pass(10 * MINUTE)
      expect(await device.state()).toBe('loaded')
    }
    expect(await device.row()).toMatchObject({ data: { host: OLD }, proposal: { followed: true } })
  })

  it('is used by the next process, too, and after a reload by a user', async () => {
    const device = await linked()
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(tries(device.network, NEW)).toBe(1)
    await device.latchkey.entries.reload(device.entryId)
    expect(tries(device.network, NEW)).toBe(2)
    device.network.places.set(NEW, 'a')
    const { latchkey } = await device.again()
    expect(await latchkey.entries.setup(device.entryId)).toMatchObject({ state: 'loaded' })
    expect(await device.row()).toMatchObject({ data: { host: NEW } })
  })

  it('gives the client the stored token, which the integration can refresh, there', async () => {
    const changes = { expiresAt: () => null, refresh: async () => ({ token: 'renewed' }) }
    const device = await linked({ changes })
    device.network.places.set(NEW, 'a')
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(await device.row()).toMatchObject({ data: { host: NEW } })
    const use = ({ host, token }: { host: string; token: () => Promise<string> }) =>
      token().then((text) => [host, text])
    expect(await device.latchkey.entries.use(device.network.integration(), device.entryId, use)).toEqual([
      NEW,
      't',
    ])
  })

  it('is found if another device has taken the old address', async () => {
    const device = await linked()
    device.network.places.set(OLD, 'somebody').set(NEW, 'a')
    await announce(device.latchkey, NEW)
    device.network.drops.at(-1)?.()
    await device.pass(MINUTE)
    expect(await device.state()).toBe('loaded')
    expect(await device.row()).toMatchObject({ data: { host: NEW } })
    expect(device.network.open).toBe(1)
  })

  it('does not hide that another device has taken the old one', async () => {
    const device = await linked()
    device.network.places.set(OLD, 'somebody')
    await announce(device.latchkey, NEW)
    device.network.drops.at(-1)?.()
    await device.pass(MINUTE)
    await device.pass(0)
    expect(await device.latchkey.attention.list()).toMatchObject([{ reason: 'wrong_account' }])
    expect(tries(device.network, NEW)).toBe(1)
  })

  it('gets no secret that the service has refused', async () => {
    const device = await linked()
    device.network.places.set(NEW, 'a').set(OLD, () => Promise.reject(new InvalidAuthError()))
    await announce(device.latchkey, NEW)
    device.network.drops.at(-1)?.()
    await device.pass(MINUTE)
    expect(await device.state()).toBe('reauth_required')
    await announce(device.latchkey, NEW)
    await announce(device.latchkey, '10.0.0.3')
    device.network.places.delete(OLD)
    await device.latchkey.entries.reload(device.entryId, { retryRejected: true })
    await device.pass(MINUTE)
    expect(device.network.connects).not.toContain(NEW)
    expect(device.network.connects).not.toContain('10.0.0.3')
  })

  it('is not reached if the policy of the host refuses it', async () => {
    const asked: string[] = []
    const fetch = async (url: unknown) => {
      asked.push(String(url))
      throw new AddressRefusedError()
    }
    const device = await linked({ network: { fetch } })
    device.network.places.set(NEW, 'fetch')
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(asked).toEqual([`http://${NEW}/`])
    expect(await device.row()).toMatchObject({ data: { host: OLD } })
  })

  it('is a question to a user if the entry has no unique id', async () => {
    const device = await linked()
    await device.write((row) => ({ ...row, uniqueId: null, matchKey: 'match:x' }))
    const matching = device.network.integration({ abortIfEntriesMatch: ['host'] })
    const { latchkey } = await device.again({ integrations: [matching] })
    await device.write((row) => ({ ...row, uniqueId: 'a' }))
    await announce(latchkey, NEW)
    await device.write((row) => ({ ...row, uniqueId: null }))
    await device.lose()
    await device.pass(MINUTE)
    expect(device.network.connects).not.toContain(NEW)
  })

  it('is a question to a user after the integration has stopped to follow addresses', async () => {
    const device = await linked()
    await announce(device.latchkey, NEW)
    const asking = device.network.integration({ discovery: {} })
    const next = await device.again({ integrations: [asking] })
    device.network.places.delete(OLD)
    await next.latchkey.entries.setup(device.entryId)
    expect(device.network.connects).not.toContain(NEW)
    await announce(next.latchkey, NEW)
    expect(await next.latchkey.attention.list()).toMatchObject([{ reason: 'address_changed' }])
    await next.latchkey.entries.dismissProposal(device.entryId)
    // A dismissed address is not followed later.
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(device.network.connects).not.toContain(NEW)
  })

  it('is withdrawn by the device at its own address, also without a history', async () => {
    const device = await linked()
    await announce(device.latchkey, NEW)
    await announce(device.latchkey, OLD)
    expect(await device.row()).toMatchObject({ proposal: null })
    expect((await device.latchkey.history(device.entryId)).items).toHaveLength(1)
  })

  it('closes its connection if the entry is unloaded while it connects', async () => {
    const device = await linked()
    const { promise, resolve } = Promise.withResolvers<void>()
    device.network.places.set(NEW, () => promise.then(() => 'a'))
    await announce(device.latchkey, NEW)
    await device.lose()
    await device.pass(MINUTE)
    expect(await device.state()).toBe('setup_in_progress')
    await device.latchkey.entries.unload(device.entryId)
    resolve()
    await atRest()
    expect(device.network.open).toBe(0)
    expect(await device.state()).toBe('not_loaded')
  })
})

describe('a store in which others write while an entry connects to an announced address', () => {
  const trying = async (changes: object = {}) => {
    const store = new TamperedStore()
    const device = await linked({ store, changes })
    device.network.places.set(NEW, 'a')
    await announce(device.latchkey, NEW)
    let act: (() => unknown) | null = null
    store.onApply = async (apply, writes) => {
      const follows = writes.some((write) => 'audit' in write && write.audit.kind.startsWith('address_'))
      const now = follows ? act : null
      if (now !== null) act = null
      await now?.()
      return apply()
    }
    return {
      ...device,
      store,
      /** Runs this before the next write about an address. */
      before: (work: () => unknown) => {
        act = work
      },
    }
  }
  const rows = (device: Awaited<ReturnType<typeof trying>>) => device.row()

  it('saves it over a change that does not concern it', async () => {
    const device = await trying()
    device.before(() => device.latchkey.entries.update(device.entryId, { title: 'Renamed' }))
    await device.lose()
    await device.pass(MINUTE)
    expect(await rows(device)).toMatchObject({ title: 'Renamed', data: { host: NEW } })
    expect(await device.state()).toBe('loaded')
  })

  it.each<[string, (row: EntryRecord) => EntryRecord]>([
    ['a newer credential', (row) => ({ ...row, credentialRevision: 2 })],
    ['a token refresh', (row) => ({ ...row, lease: { holder: 'x', until: 9_000_000 } })],
    [
      'a newer address',
      (row) => ({
        ...row,
        proposal: { since: 1, values: { host: '10.0.0.5' }, dismissed: true, followed: true },
      }),
    ],
    ['a rejection', (row) => ({ ...row, rejectedRevision: 1 })],
    [
      'an unverified migration',
      (row) => ({ ...row, previous: { why: 'migrated', version: 1, data: {}, sealed: '', options: {} } }),
    ],
    ['a disabled entry', (row) => ({ ...row, disabled: true })],
  ])('yields to %s', async (_, change) => {
    const device = await trying()
    device.before(() => device.write(change))
    await device.lose()
    await device.pass(10_000)
    expect(await rows(device)).toMatchObject({ data: { host: OLD } })
    expect(device.network.open).toBe(0)
  })

  it.each([0, 15_000])('yields to another process that refreshes the token, %i ms later', async (ahead) => {
    const device = await trying()
    const rival = tokenRival(device.store, () => device.clock.now(), device.entryId)
    if (ahead === 0) await rival.claim()
    else device.before(() => rival.claim(ahead))
    await device.lose()
    await device.pass(10_000)
    expect(await rows(device)).toMatchObject({ data: { host: OLD } })
    expect(device.network.open).toBe(0)
  })

  it('saves it if an old lease has ended', async () => {
    const device = await trying()
    await device.write((row) => ({ ...row, lease: { holder: 'x', until: 1 } }))
    await device.lose()
    await device.pass(MINUTE)
    expect(await rows(device)).toMatchObject({ data: { host: NEW }, lease: null })
  })

  it('saves nothing for an entry that was removed', async () => {
    const device = await trying()
    device.before(async () => {
      const { revision } = await device.row()
      await device.store.inner.apply('default', [
        { remove: 'entry', id: device.entryId, ifRevision: revision },
      ])
    })
    await device.lose()
    await device.pass(10_000)
    expect(await device.store.getEntry('default', device.entryId)).toBeUndefined()
    expect(device.network.open).toBe(0)
  })

  it('does not connect if the address was withdrawn before', async () => {
    const device = await trying()
    device.network.places.set(OLD, async () => {
      await device.write((row) => ({ ...row, proposal: null }))
      throw new CannotConnectError()
    })
    device.network.drops.at(-1)?.()
    const store = device.store
    store.onEntry = async (entry) => entry
    await device.pass(MINUTE)
    expect(await device.state()).toBe('setup_retry')
  })

  it('keeps the old one if the disk is full', async () => {
    const device = await trying()
    device.store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await device.lose()
    await device.pass(10_000)
    expect(await rows(device)).toMatchObject({ data: { host: OLD } })
    expect(await device.state()).toBe('setup_retry')
    expect(device.network.open).toBe(0)
  })

  it('keeps the old one if another entry has the new one', async () => {
    const device = await trying({ abortIfEntriesMatch: ['host'] })
    const form = await device.latchkey.flows.start({ domain: 'device', source: 'user' })
    device.network.places.set(NEW, 'b')
    await device.latchkey.flows.submit(form.flowId, { host: NEW, token: 't' }, form)
    device.network.places.set(NEW, 'a').delete(OLD)
    device.network.drops[0]?.()
    await device.pass(10_000)
    expect(tries(device.network, NEW)).toBe(2)
    expect(await rows(device)).toMatchObject({ data: { host: OLD } })
    device.network.places.set('10.0.0.3', 'a')
    await announce(device.latchkey, '10.0.0.3')
    await device.pass(MINUTE)
    expect(await rows(device)).toMatchObject({ data: { host: '10.0.0.3' } })
    const again = await device.latchkey.flows.start({ domain: 'device', source: 'user' })
    const input = { host: 'http://10.0.0.3/', token: 't' }
    expect(await device.latchkey.flows.submit(again.flowId, input, again)).toMatchObject({
      reason: 'already_configured',
    })
  })

  it('keeps the old one if a process with another first key has linked the new one with the same secret', async () => {
    const [former, newest] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]
    const changes = { abortIfEntriesMatch: ['host', 'token'] }
    const device = await linked({ changes, cipher: joseCipher([newest, former]) })
    device.network.places.set(NEW, 'b')
    const { latchkey } = await device.again({ cipher: joseCipher([former, newest]) })
    const form = await latchkey.flows.start({ domain: 'device', source: 'user' })
    const input = { host: NEW, token: 't' }
    expect(await latchkey.flows.submit(form.flowId, input, form)).toMatchObject({ type: 'create_entry' })
    await latchkey.stop()
    device.network.places.set(NEW, 'a').delete(OLD)
    await announce(device.latchkey, NEW)
    device.network.drops[0]?.()
    await device.pass(MINUTE)
    expect(tries(device.network, NEW)).toBeGreaterThan(1)
    expect(await device.row()).toMatchObject({ data: { host: OLD } })
    device.network.places.set('10.0.0.3', 'a')
    await announce(device.latchkey, '10.0.0.3')
    await device.pass(MINUTE)
    expect(await device.row()).toMatchObject({ data: { host: '10.0.0.3' } })
  })
})
