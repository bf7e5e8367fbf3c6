import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher, keyId } from '../../../src/adapters/jose-cipher.ts'
import {
  CannotConnectError,
  defineIntegration,
  type EntryVersion,
  memoryStore,
  type ScopedLatchkey,
  secret,
} from '../../../src/index.ts'
import type { Cipher } from '../../../src/ports/cipher.ts'
import type { EntryRecord, Store } from '../../../src/ports/store.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import { type Host, type HostOptions, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const stores = someStores()
afterAll(stores.clear)

const PIN = 'pin-4711-0815'
const [first, second] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]

/** A service without unique ids, whose entries are identified by a secret. */
const safe = (changes: object = {}) =>
  defineIntegration({
    domain: 'safe',
    title: 'Safe',
    fields: z.object({ room: z.string(), pin: secret().optional() }),
    abortIfEntriesMatch: ['pin'],
    connect: async () => ({ client: {}, uniqueId: null }),
    ...changes,
  })

const open = (options: HostOptions = {}) =>
  makeHost({
    integrations: [safe()],
    ...(options.store?.durable !== true && { cipher: joseCipher([first]) }),
    ...options,
  })

const link = async ({ flows }: ScopedLatchkey, pin: string | undefined = PIN) => {
  const { flowId, revision } = await flows.start({ domain: 'safe', source: 'user' })
  return flows.submit(flowId, { room: 'hall', ...(pin !== '' && { pin }) }, { revision })
}

const linked = async (latchkey: ScopedLatchkey, pin?: string): Promise<string> =>
  String((await link(latchkey, pin)).entryId)

async function rowOf({ store }: { readonly store: Store }, entryId: string): Promise<EntryRecord> {
  const row = await store.getEntry('default', entryId)
  if (row === undefined) throw new Error('The entry was removed.')
  return row
}

/** Writes another match key into the row of an entry. */
async function setMatchKey(host: Host, entryId: string, matchKey: string): Promise<void> {
  const row = await rowOf(host, entryId)
  const record = { ...row, matchKey, revision: row.revision + 1 }
  await host.store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
}

/** Returns the number of stored values that need a key. */
async function valuesOf({ latchkey }: Host, id: string): Promise<number | undefined> {
  return (await latchkey.keys.status()).keys.find((key) => key.keyId === id)?.values
}

const isLinked = { type: 'abort', reason: 'already_configured' }
const isNew = { type: 'create_entry' }

describe.each(stores.each)('a secret in abortIfEntriesMatch over %s', (_, make) => {
  it('finds the entry with the same secret, in its scope', async () => {
    const { latchkey, store } = await open({ store: make() })
    expect(await link(latchkey)).toMatchObject(isNew)
    expect(await link(latchkey)).toMatchObject(isLinked)
    expect(await link(latchkey, 'another')).toMatchObject(isNew)
    expect(await link(latchkey.scope('acme'))).toMatchObject(isNew)
    expect(await link(latchkey.scope('acme'))).toMatchObject(isLinked)
    await store.close()
  })

  it('is stored only as a code that differs in each scope', async () => {
    const { latchkey, store, log } = await open({ store: make() })
    const [own, other] = [await linked(latchkey), await linked(latchkey.scope('acme'))]
    const rows = [await store.getEntry('default', own), await store.getEntry('acme', other)]
    const keys = rows.map((row) => row?.matchKey)
    expect(keys).toEqual([expect.stringMatching(/^mac:/), expect.stringMatching(/^mac:/)])
    expect(new Set(keys).size).toBe(2)
    const texts = JSON.stringify([rows, log.lines])
    expect(texts).not.toContain(PIN)
    for (const text of [PIN, JSON.stringify(PIN), JSON.stringify([JSON.stringify(PIN)])])
      for (const encoding of ['hex', 'base64url', 'base64'] as const)
        expect(texts).not.toContain(createHash('sha256').update(text).digest(encoding))
    await store.close()
  })

  it('does not let an entry take the secret of another one', async () => {
    const { latchkey, store } = await open({ store: make() })
    await link(latchkey)
    const entryId = await linked(latchkey, 'another')
    const submit = async (pin: string) => {
      const form = await latchkey.flows.start({ source: 'reauth', entryId })
      return latchkey.flows.submit(form.flowId, { pin }, form)
    }
    expect(await submit(PIN)).toMatchObject(isLinked)
    expect(await submit('another')).toMatchObject({ reason: 'reauth_successful' })
    expect(await submit('third')).toMatchObject({ reason: 'reauth_successful' })
    expect(await link(latchkey, 'another')).toMatchObject(isNew)
    await store.close()
  })

  it('is free again after its entry was replaced by an account without it', async () => {
    const { latchkey, store } = await open({ store: make() })
    const entryId = await linked(latchkey)
    const form = await latchkey.flows.start({ source: 'replace', entryId })
    const menu = await latchkey.flows.submit(form.flowId, { room: 'hall' }, form)
    const done = await latchkey.flows.choose(menu.flowId, 'replace', menu)
    expect(done).toMatchObject({ reason: 'replace_successful' })
    expect((await rowOf({ store }, entryId)).matchKey).toBeUndefined()
    expect(await link(latchkey)).toMatchObject(isNew)
    await store.close()
  })

  it('does not match entries without the secret', async () => {
    const { latchkey, store } = await open({ store: make() })
    expect(await link(latchkey, '')).toMatchObject(isNew)
    expect(await link(latchkey, '')).toMatchObject(isNew)
    await store.close()
  })
})

describe('a rotation of the keys', () => {
  /** A host with an entry, and the next one with a second key. */
  async function rotating() {
    const host = await open()
    const entryId = await linked(host.latchkey)
    const next = await host.again({ cipher: joseCipher([second, first]) })
    const after = () => host.again({ cipher: joseCipher([second]) })
    return { host, entryId, next, after, id: await keyId(second), former: await keyId(first) }
  }

  it('writes the code of a secret with the new key', async () => {
    const { entryId, next, after, id } = await rotating()
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 1, failed: 0 })
    expect((await rowOf(next, entryId)).matchKey).toMatch(`mac:${id}:`)
    expect(await link((await after()).latchkey)).toMatchObject(isLinked)
  })

  it('finds the entry before its code was written again', async () => {
    const { entryId, next, id } = await rotating()
    expect(await link(next.latchkey)).toMatchObject(isLinked)
    expect((await rowOf(next, entryId)).matchKey).toMatch(`mac:${id}:`)
    expect(await link(next.latchkey)).toMatchObject(isLinked)
    expect(await link((await next.again()).latchkey)).toMatchObject(isLinked)
  })

  it('writes the code of an entry whose values are encrypted with the new key', async () => {
    const { entryId, next, id, former } = await rotating()
    const form = await next.latchkey.flows.start({ source: 'reauth', entryId })
    await next.latchkey.flows.submit(form.flowId, { pin: PIN }, form)
    expect((await next.latchkey.keys.status()).keys).toContainEqual({
      keyId: former,
      isCurrent: false,
      values: 1,
    })
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 1 })
    expect((await rowOf(next, entryId)).matchKey).toMatch(`mac:${id}:`)
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 0 })
  })

  it.each([
    ['is missing', false],
    ['matches by another field', true],
  ])('leaves the code of an integration that %s, which is written when it is back', async (_, changed) => {
    const { host, entryId, after, id, former } = await rotating()
    const cipher = joseCipher([second, first])
    const other = safe({ abortIfEntriesMatch: ['room'] })
    const without = await host.again({ cipher, integrations: changed ? [other] : [] })
    expect(await without.latchkey.keys.rotate()).toMatchObject({ changed: 1 })
    expect((await rowOf(without, entryId)).matchKey).toMatch(`mac:${former}:`)
    expect(await valuesOf(without, former)).toBe(1)
    expect(await without.latchkey.keys.rotate()).toMatchObject({ resumed: false, changed: 0 })
    const back = await after()
    expect(await link(back.latchkey)).toMatchObject(isLinked)
    expect((await rowOf(back, entryId)).matchKey).toMatch(`mac:${id}:`)
  })

  it('counts the code of an entry of an earlier version, which its migration writes with the new key', async () => {
    const { host, entryId, id, former } = await rotating()
    await host.latchkey.entries.disable(entryId)
    const integrations = [safe({ version: 2, migrate: { 1: (entry: object) => entry } })]
    const next = await host.again({ cipher: joseCipher([second, first]), integrations })
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 1 })
    expect(await valuesOf(next, former)).toBe(1)
    expect(await next.latchkey.keys.rotate()).toMatchObject({ resumed: false, changed: 0 })
    await next.latchkey.entries.enable(entryId)
    expect((await rowOf(next, entryId)).matchKey).toMatch(`mac:${id}:`)
    expect(await valuesOf(next, former)).toBe(0)
  })

  describe('writes the previous values of an entry with the new key', () => {
    /** A host with the second key, and an entry whose replaced values have a code of the first one. */
    async function replaced(changes: object = {}) {
      const { host, entryId, next, ...ids } = await rotating()
      const { version, data, sealed, options, matchKey = '' } = await rowOf(host, entryId)
      const form = await host.latchkey.flows.start({ source: 'reauth', entryId })
      await host.latchkey.flows.submit(form.flowId, { pin: 'another' }, form)
      const row = await rowOf(host, entryId)
      const before = { why: 'reconfigured', version, data, sealed, options, matchKey } as const
      const previous = { ...before, reauth: null, rejected: false, ...changes }
      const record = { ...row, previous, revision: row.revision + 1 }
      await host.store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
      return { ...ids, next, entryId }
    }

    it('and their code', async () => {
      const { next, entryId, former } = await replaced()
      expect(await valuesOf(next, former)).toBe(4)
      expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 1 })
      expect(await valuesOf(next, former)).toBe(0)
      const { previous } = await rowOf(next, entryId)
      const other = await linked(next.latchkey)
      expect(previous?.matchKey).toBe((await rowOf(next, other)).matchKey)
    })

    it('and counts their code if they are of an earlier version', async () => {
      const { next, former } = await replaced({ version: 9 })
      expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 1 })
      expect(await valuesOf(next, former)).toBe(1)
      expect(await next.latchkey.keys.rotate()).toMatchObject({ resumed: false, changed: 0 })
    })
  })

  it('keeps both entries with one secret, and the code of only one', async () => {
    const { host, entryId, next, former } = await rotating()
    await setMatchKey(host, entryId, `mac:${former}:damaged`)
    const other = await linked(host.latchkey)
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 2, failed: 0 })
    const keys = [await rowOf(next, entryId), await rowOf(next, other)].map(({ matchKey }) => matchKey)
    expect(keys.filter((key) => key !== undefined)).toHaveLength(1)
    expect(await link(next.latchkey)).toMatchObject(isLinked)
  })

  it('keeps the code of an entry that no key decrypts', async () => {
    const { host, entryId, next, former } = await rotating()
    const row = await rowOf(host, entryId)
    const record = { ...row, sealed: 'damaged', revision: row.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
    expect(await next.latchkey.keys.rotate()).toMatchObject({ changed: 0, failed: 1 })
    expect((await rowOf(next, entryId)).matchKey).toMatch(`mac:${former}:`)
    expect(await link(next.latchkey)).toMatchObject(isLinked)
  })
})

describe('two entries with one secret during a rotation', () => {
  const reauthenticate = async ({ flows }: ScopedLatchkey, entryId: string, pin: string) => {
    const form = await flows.start({ source: 'reauth', entryId })
    return flows.submit(form.flowId, { pin }, form)
  }

  it('are refused although the codes of the former key were checked', async () => {
    const [, makeFile] = stores.each[1]
    const { latchkey, store } = await open({ store: makeFile() })
    await link(latchkey)
    const other = await linked(latchkey, 'another')
    await store.keys?.add()
    expect(await reauthenticate(latchkey, other, PIN)).toMatchObject(isLinked)
    expect(await latchkey.keys.rotate()).toMatchObject({ failed: 0 })
    expect(await link(latchkey)).toMatchObject(isLinked)
    expect(await link(latchkey, 'another')).toMatchObject(isLinked)
    await store.close()
  })

  it('are refused if a process without the new key has linked the first one', async () => {
    const host = await open()
    await link(host.latchkey, 'first')
    const next = await host.again({ cipher: joseCipher([second, first]) })
    const other = await linked(next.latchkey, 'another')
    await link(host.latchkey)
    expect(await reauthenticate(next.latchkey, other, PIN)).toMatchObject(isLinked)
    expect(await reauthenticate(next.latchkey, other, 'another')).toMatchObject({
      reason: 'reauth_successful',
    })
  })

  it('are refused if a process without the new key links the first one at the same time', async () => {
    const host = await open()
    const connect = async () => {
      await link(host.latchkey)
      return { client: {}, uniqueId: null }
    }
    const cipher = joseCipher([second, first])
    const next = await host.again({ cipher, integrations: [safe({ connect })] })
    expect(await link(next.latchkey)).toMatchObject(isLinked)
    expect((await next.latchkey.entries.list()).items).toHaveLength(1)
  })

  it('remain, and only one has a code, if a migration gives the second one the secret', async () => {
    const host = await open()
    const [disabled, other] = [await linked(host.latchkey), await linked(host.latchkey, 'another')]
    await host.latchkey.entries.disable(disabled)
    const migrate = { 1: ({ values }: EntryVersion) => ({ values: { ...values, pin: PIN } }) }
    const cipher = joseCipher([second, first])
    const next = await host.again({ cipher, integrations: [safe({ version: 2, migrate })] })
    expect(await next.latchkey.entries.setup(other)).toMatchObject({ state: 'loaded' })
    expect((await rowOf(next, other)).matchKey).toBeUndefined()
  })

  it('are refused if the values of the first one were to be restored', async () => {
    const host = await open()
    let happens = async (): Promise<void> => {}
    const connect = async () => {
      await happens()
      return { client: {}, uniqueId: null }
    }
    const cipher = joseCipher([second, first])
    const next = await host.again({ cipher, integrations: [safe({ connect, adopt: false })] })
    const entryId = await linked(next.latchkey)
    const form = await next.latchkey.flows.start({ source: 'reconfigure', entryId })
    happens = async () => {
      // The second call loads the entry with the change.
      happens = async () => {
        await link(host.latchkey)
        throw new CannotConnectError()
      }
    }
    const end = await next.latchkey.flows.submit(form.flowId, { room: 'hall', pin: 'another' }, form)
    expect(end).toMatchObject({ type: 'abort', reason: 'already_configured', success: false })
  })
})

it('a discovery that a parallel link makes pointless ends during a rotation', async () => {
  const integration = safe({
    fields: z.object({ pin: z.string() }),
    stored: z.object({ pin: secret() }),
    exchange: async ({ pin }: { readonly pin: string }) => ({ pin }),
  })
  const host = await open({ integrations: [integration] })
  const store = new FailingStore(host.store)
  const next = await host.again({ cipher: joseCipher([second, first]), store })
  const discovery = { uniqueId: 'safe-1', values: { pin: PIN } }
  const form = await host.latchkey.flows.start({ domain: 'safe', source: 'user' })
  store.before('apply', 1, async () => {
    expect(await host.latchkey.flows.submit(form.flowId, { pin: PIN }, form)).toMatchObject(isNew)
  })
  const found = await next.latchkey.flows.start({ domain: 'safe', source: 'discovery', discovery })
  expect(found).toMatchObject(isLinked)
})

describe('a cipher of a host', () => {
  it('that cannot compute codes is refused if an integration matches by a secret', async () => {
    const { mac: _, ...cipher } = joseCipher([first])
    await expect(open({ cipher })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(
        /^Integration "safe": abortIfEntriesMatch names the secret "pin".*Cipher\.mac/,
      ),
    })
    const other = safe({ abortIfEntriesMatch: ['room'] })
    expect((await open({ cipher, integrations: [other] })).latchkey).toBeDefined()
  })

  it('that fails saves nothing, and its error is logged without the secret', async () => {
    const cipher: Cipher = {
      ...joseCipher([first]),
      mac: async (text) => {
        throw new Error(`No code for ${text}.`)
      },
    }
    const host = await open({ cipher, store: memoryStore() })
    expect(await link(host.latchkey)).toMatchObject({ errors: { base: { code: 'unknown' } } })
    expect((await host.latchkey.entries.list()).items).toEqual([])
    expect(host.log.messages).toContain('The cipher could not compute a code.')
    expect(JSON.stringify(host.log.lines)).not.toContain(PIN)
  })
})
