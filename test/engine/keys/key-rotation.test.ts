import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Rotation, RotationProgress } from '../../../src/engine/api/keys.ts'
import type { EntryRecord } from '../../../src/ports/store.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from '../../adapters/sqlite/sqlite-place.ts'
import { addEntry, asForm, atRest, type Host, makeHost } from '../host.ts'
import { ciphersOf, fill, keysIn, names, openable } from './sealed-world.ts'

const place = sqlitePlace()
afterAll(place.clear)

/** A host over a database with each kind of encrypted value. */
async function filled() {
  const path = place.path()
  const host = await makeHost({ store: sqliteStore(path) })
  await fill(host.store)
  return { ...host, path, keyPath: `${path}.key` }
}

/** Makes the key file as old as the removal of a key demands. */
function age({ keyPath, clock }: { keyPath: string; clock: Host['clock'] }): void {
  utimesSync(keyPath, 0, 0)
  clock.increment(3_600_001)
}

/** Lets time pass whenever a rotation waits, until it has ended. */
async function whilePassing(
  rotating: Promise<Rotation>,
  { clock, pass }: Pick<Host, 'clock' | 'pass'>,
): Promise<Rotation> {
  let [hasEnded, isWaiting] = [false, false]
  const end = () => {
    hasEnded = true
  }
  rotating.then(end, end)
  const set = clock.setTimeout.bind(clock)
  clock.setTimeout = (...timer) => {
    isWaiting = true
    return set(...timer)
  }
  while (!hasEnded) {
    if (isWaiting) {
      isWaiting = false
      await pass(1_000)
    } else await atRest()
  }
  return rotating
}

const valuesOf = async ({ latchkey }: Host) =>
  (await latchkey.keys.status()).keys.map(({ isCurrent, values }) => ({ isCurrent, values }))

describe('keys.rotate', () => {
  it('encrypts entries, previous values, sub-entries, drafts, sign-ins, webhooks and pending writes with a new key', async () => {
    const host = await filled()
    const { latchkey, store, keyPath } = host
    const before = readFileSync(keyPath, 'utf8')
    expect(await valuesOf(host)).toEqual([{ isCurrent: true, values: 13 }])
    const seen: RotationProgress[] = []
    const rotation = await latchkey.keys.rotate({ onProgress: (progress) => void seen.push(progress) })
    const { first, count } = ciphersOf(keyPath)
    expect(rotation).toEqual({
      ...{ keyId: (await first.keys?.ids())?.[0], resumed: false },
      ...{ checked: 9, changed: 7, waiting: 0, failed: 0 },
    })
    expect(seen.at(-1)).toEqual({ checked: 9, changed: 7 })
    expect([count, statSync(keyPath).mode & 0o777]).toEqual([2, 0o600])
    expect(await openable(store, first)).toEqual(names)
    expect(await valuesOf(host)).toEqual([
      { isCurrent: true, values: 13 },
      { isCurrent: false, values: 0 },
    ])
    expect(readFileSync(keyPath, 'utf8')).not.toBe(before)
    await latchkey.stop()
  })

  it('changes no credential, need, time or history, and increases each revision by one', async () => {
    const { latchkey, store } = await filled()
    const {
      sealed: _s,
      previous: _p,
      subentries: _e,
      ...before
    } = (await store.getEntry('home', 'entry-1')) as EntryRecord
    await latchkey.keys.rotate()
    expect(await store.getEntry('home', 'entry-1')).toMatchObject({
      ...before,
      revision: before.revision + 1,
    })
    expect((await store.readAudit('home', null, { limit: 9 })).items).toEqual([])
    expect((await store.getFlow('home', 'flow-1'))?.revision).toBe(2)
    expect((await store.getFlow('home', 'flow-3'))?.revision).toBe(1)
    await latchkey.stop()
  })

  it('lets other processes use and add entries at the same time, with the new key', async () => {
    const path = place.path()
    const host = await makeHost({ store: sqliteStore(path) })
    const other = await host.again({ store: sqliteStore(path) })
    const entryId = await addEntry(host)
    const ping = ({ latchkey, service }: Host) =>
      latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    await ping(other)
    host.service.script({ challenge: 'otp', state: 'session-1' })
    const form = asForm(await other.latchkey.flows.start({ domain: 'scripted', source: 'user' }))
    await other.latchkey.flows.submit(form.flowId, { host: 'h', token: 'second' }, form)
    await host.latchkey.keys.rotate()
    expect(host.service.open).toBe(2)
    await ping(other)
    await other.latchkey.entries.reload(entryId)
    await ping(other)
    host.service.accounts.set('second', 'bob')
    const asked = await other.latchkey.flows.get(form.flowId)
    expect((await other.latchkey.flows.submit(form.flowId, { code: '1' }, asked)).type).toBe('create_entry')
    const third = await addEntry(other, { token: 'third', account: 'cem' })
    expect(await valuesOf(host)).toEqual([
      { isCurrent: true, values: 3 },
      { isCurrent: false, values: 0 },
    ])
    await host.latchkey.entries.reload(third)
    await Promise.all([host.latchkey.stop(), other.latchkey.stop()])
  })

  it('does not replace a value that another process has changed since it was read', async () => {
    const place = memoryPlace()
    const store = new FailingStore(memoryStore(place))
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
    const old = await makeHost({ store: memoryStore(place), cipher: joseCipher(keys.slice(0, 1)) })
    const entryId = await addEntry(old)
    const cipher = joseCipher([...keys].reverse())
    const host = await old.again({ store, cipher })
    const newer = async () => {
      const entry = (await store.getEntry('default', entryId)) as EntryRecord
      await memoryStore(place).apply('default', [
        put({ ...entry, title: 'Newer', credentialRevision: 2, revision: entry.revision + 1 }),
      ])
    }
    store.before('apply', 1, newer)
    const rotating = host.latchkey.keys.rotate()
    expect(await whilePassing(rotating, host)).toMatchObject({ resumed: true, changed: 1, waiting: 0 })
    const stored = (await store.getEntry('default', entryId)) as EntryRecord
    expect(stored).toMatchObject({ title: 'Newer', credentialRevision: 2 })
    expect(cipher.keys?.of(stored.sealed)).toBe((await cipher.keys?.ids())?.[0])
    await Promise.all([host.latchkey.stop(), old.latchkey.stop()])
  })

  it('waits for a process that refreshes a token, and reports the entry if that takes too long', async () => {
    const host = await filled()
    const { latchkey, store, clock } = host
    const right = { scope: 'home', kind: 'token', id: 'entry-1' } as const
    const term = () => ({ holder: 'other', ms: 9_000_000, now: clock.now() })
    await store.leases.claim(right, term())
    const first = latchkey.keys.rotate()
    expect(await whilePassing(first, host)).toMatchObject({ changed: 6, waiting: 1 })
    const lease = { holder: 'older version', until: clock.now() + 5_000 }
    await store.leases.release('other')
    const entry = (await store.getEntry('home', 'entry-1')) as EntryRecord
    await write(store, put({ ...entry, lease, revision: entry.revision + 1 }))
    const second = latchkey.keys.rotate()
    expect(await whilePassing(second, host)).toMatchObject({ resumed: true, changed: 1, waiting: 0 })
    await latchkey.stop()
  })

  it('refuses a second rotation at the same time, and continues one that was interrupted', async () => {
    const host = await filled()
    const { latchkey, keyPath, store } = host
    const other = await host.again({ store: sqliteStore(keyPath.replace('.key', '')) })
    const stopping = new AbortController()
    const first = latchkey.keys.rotate({ onProgress: () => stopping.abort(), signal: stopping.signal })
    await expect(other.latchkey.keys.rotate()).rejects.toMatchObject({ code: 'KEY_ROTATION' })
    expect(await first).toMatchObject({ resumed: false, changed: 2 })
    expect(await keysIn(store)).toHaveLength(2)
    expect(await other.latchkey.keys.rotate()).toMatchObject({ resumed: true, changed: 5 })
    expect(ciphersOf(keyPath).count).toBe(2)
    expect(await keysIn(store)).toHaveLength(1)
    await Promise.all([latchkey.stop(), other.latchkey.stop()])
  })

  it('ends with an error if this process was suspended and another one rotates now', async () => {
    const { latchkey, store, clock } = await filled()
    const onProgress = () => {
      clock.increment(16_000)
      const right = { scope: 'default', kind: 'task', id: 'rotate_keys' } as const
      void store.leases.claim(right, { holder: 'other', ms: 60_000, now: clock.now() })
    }
    await expect(latchkey.keys.rotate({ onProgress })).rejects.toThrow(
      'This process was suspended for too long.',
    )
    await latchkey.stop()
    await expect(latchkey.keys.rotate()).rejects.toMatchObject({ code: 'STOPPED' })
  })

  it('ends between two batches when the engine stops', async () => {
    const { latchkey } = await filled()
    const rotating = latchkey.keys.rotate({ onProgress: () => void latchkey.stop() })
    await expect(rotating).rejects.toMatchObject({ code: expect.stringMatching(/STOPPED|STORE/) })
  })

  it('leaves values that no key decrypts, and rows that cannot be read, as they are, and counts them', async () => {
    const { latchkey, store, path, keyPath, clock } = await filled()
    const foreign = await joseCipher([new Uint8Array(32)]).seal('x', {} as never)
    await write(store, put(entryRecord({ entryId: 'entry-4', sealed: foreign })))
    place.sql(path, `update entries set record = 'damaged' where entry_id = 'entry-2' returning 1`)
    expect(await latchkey.keys.rotate()).toMatchObject({ changed: 6, failed: 2, waiting: 0 })
    expect((await store.getEntry('home', 'entry-4'))?.revision).toBe(1)
    age({ keyPath, clock })
    await expect(latchkey.keys.prune()).rejects.toThrow('Some rows cannot be read')
    await latchkey.stop()
  })

  it('rotates to the first key of a cipher of the host, without adding one', async () => {
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
    const place = memoryPlace()
    const old = await makeHost({ store: memoryStore(place), cipher: joseCipher(keys.slice(0, 1)) })
    const entryId = await addEntry(old)
    const next = await old.again({ store: memoryStore(place), cipher: joseCipher([...keys].reverse()) })
    expect(await next.latchkey.keys.rotate()).toMatchObject({ resumed: true, changed: 1 })
    expect(await valuesOf(next)).toEqual([
      { isCurrent: true, values: 1 },
      { isCurrent: false, values: 0 },
    ])
    const last = await next.again({ store: memoryStore(place), cipher: joseCipher(keys.slice(1)) })
    expect((await last.latchkey.entries.reload(entryId)).state).toBe('loaded')
    expect(await last.latchkey.keys.rotate()).toMatchObject({ resumed: false, changed: 0 })
    await expect((async () => last.latchkey.keys.prune())()).rejects.toThrow('does not manage its keys')
    await Promise.all([old, next, last].map(({ latchkey }) => latchkey.stop()))
  })

  it('refuses a cipher without ids of its keys', async () => {
    const { latchkey } = await makeHost()
    await expect((async () => latchkey.keys.rotate())()).rejects.toThrow('Implement Cipher.keys.')
    await expect(latchkey.keys.status()).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await latchkey.stop()
  })
})

describe('a pending write of a refreshed token', () => {
  it('survives a kill between its own encryption and that of its entry', async () => {
    const host = await filled()
    const { latchkey, store, keyPath, again } = host
    const dying = new FailingStore(store)
    const killed = () => {
      throw new Error('killed')
    }
    // The batch has two entries.
    dying.before('apply', 1, killed)
    dying.before('apply', 2, killed)
    const victim = await again({ store: dying })
    await expect(victim.latchkey.keys.rotate()).rejects.toThrow('killed')
    // The other records of the batch go on.
    while ((await store.journal?.get('home', 'entry-2'))?.resealed === undefined) await atRest()
    expect(await openable(store, ciphersOf(keyPath).all)).toEqual(names)
    // The dying process may still hold the right to refresh the token.
    const rotating = latchkey.keys.rotate()
    expect(await whilePassing(rotating, host)).toMatchObject({ resumed: true, waiting: 0 })
    expect(await openable(store, ciphersOf(keyPath).first)).toEqual(names)
    await latchkey.stop()
  })
})

describe('keys.prune', () => {
  it('removes the old key an hour after the rotation, and no key that a value needs', async () => {
    const host = await filled()
    const { latchkey, store, keyPath } = host
    await latchkey.keys.rotate()
    await store.keys?.add()
    await expect(latchkey.keys.prune()).rejects.toThrow('The newest key is too new to remove older ones.')
    age(host)
    expect(await latchkey.keys.prune()).toHaveLength(1)
    expect(ciphersOf(keyPath).count).toBe(2)
    expect(await openable(store, ciphersOf(keyPath).all)).toEqual(names)
    await latchkey.keys.rotate()
    age(host)
    expect(await latchkey.keys.prune()).toHaveLength(1)
    expect(ciphersOf(keyPath).count).toBe(1)
    expect(await openable(store, ciphersOf(keyPath).all)).toEqual(names)
    age(host)
    expect(await latchkey.keys.prune()).toEqual([])
    await latchkey.stop()
  })

  it('removes no key that only the webhooks of a scope need', async () => {
    const path = place.path()
    const network = nodeNetwork({ allow: 'any', plainHttp: true })
    const host = await makeHost({ store: sqliteStore(path), network })
    const { latchkey, store } = host
    const { webhooks } = latchkey.scope('away')
    // No server listens there: an attempt that was signed reports that.
    const { webhook } = await webhooks.add({ url: 'http://127.0.0.1:1/' })
    const codes = async () => (await webhooks.test(webhook.webhookId)).attempts.map(({ code }) => code)
    await store.keys?.add()
    await webhooks.rotateSecret(webhook.webhookId)
    expect(await valuesOf(host)).toMatchObject([{ values: 1 }, { values: 1 }])
    age({ ...host, keyPath: `${path}.key` })
    expect(await latchkey.keys.prune()).toEqual([])
    expect(await codes()).toEqual(['cannot_connect'])
    await latchkey.keys.rotate()
    age({ ...host, keyPath: `${path}.key` })
    expect(await latchkey.keys.prune()).toHaveLength(1)
    expect(await codes()).toEqual(['cannot_connect'])
    await latchkey.stop()
    await network.close()
  })
})

describe('a key file that changes while it is in use', () => {
  it('is read again at the next encryption, and ignored while it is damaged or missing', async () => {
    const path = place.path()
    const store = await place.open(path)
    const context = {
      purpose: 'entry',
      scope: 'home',
      id: 'e',
      domain: 'hub',
      uniqueId: null,
      data: {},
    } as const
    const before = readFileSync(`${path}.key`, 'utf8')
    const first = (await store.cipher?.seal('one', context)) ?? ''
    writeFileSync(`${path}.key`, 'half of a')
    const second = (await store.cipher?.seal('two', context)) ?? ''
    rmSync(`${path}.key`)
    const third = (await store.cipher?.seal('three', context)) ?? ''
    await expect(store.keys?.add()).rejects.toMatchObject({ code: 'KEY_MISSING' })
    expect(store.keys?.changedAt()).toBe(Number.POSITIVE_INFINITY)
    const of = (sealed: string) => store.cipher?.keys?.of(sealed)
    expect([of(second), of(third)]).toEqual([of(first), of(first)])
    const key = new Uint8Array(32).fill(7)
    writeFileSync(`${path}.key`, `${Buffer.from(key).toString('base64')}\n${JSON.parse(before).keys[0].k}`)
    const fourth = (await store.cipher?.seal('four', context)) ?? ''
    expect(of(fourth)).not.toBe(of(first))
    expect(await store.keys?.add()).not.toBe(of(fourth))
    expect(await Promise.all([first, fourth].map((sealed) => store.cipher?.open(sealed, context)))).toEqual([
      'one',
      'four',
    ])
    await store.close()
    await expect(store.cipher?.seal('five', context)).rejects.toMatchObject({ code: 'STORE' })
    await atRest()
  })
})
