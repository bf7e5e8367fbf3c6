import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { StoreError } from '../../../src/errors.ts'
import { address, defineIntegration, type ScopedLatchkey, secret } from '../../../src/index.ts'
import type { Write } from '../../../src/ports/store.ts'
import { type Host, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

/** A service without unique ids, whose address identifies its entries. */
const hub = (changes: object = {}) =>
  defineIntegration({
    domain: 'hub',
    title: 'Hub',
    fields: z.object({
      host: address({ schemes: ['http', 'https'] })
        .optional()
        .meta({ title: 'Host' }),
      token: secret(),
    }),
    abortIfEntriesMatch: ['host'],
    connect: async () => ({ client: {}, uniqueId: null }),
    ...changes,
  })

const link = async ({ flows }: ScopedLatchkey, host: string) => {
  const { flowId, revision } = await flows.start({ domain: 'hub', source: 'user' })
  return flows.submit(flowId, { host, token: 't' }, { revision })
}
const isLinked = { reason: 'already_configured' }

const writesEntry = (writes: readonly Write[]): boolean =>
  writes.some((write) => 'put' in write && write.put === 'entry')

/** Gives an entry the key that releases without a normal form of addresses have stored. */
async function makeOlder({ store }: Host, entryId: string | null, spelling: string): Promise<void> {
  const row = await store.getEntry('default', entryId ?? '')
  if (row === undefined) throw new Error('The entry was removed.')
  const hash = createHash('sha256')
    .update(JSON.stringify([JSON.stringify(spelling)]))
    .digest('hex')
  const record = { ...row, matchKey: `match:${hash}`, revision: row.revision + 1 }
  await store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
}

describe.each(stores.each)('an address in abortIfEntriesMatch over %s', (_, make) => {
  it.each([
    ['hub.local', 'HUB.local'],
    ['hub.local', 'hub.local.'],
    ['http://hub.local', 'hub.local:80/'],
    ['fe80::1', 'http://[FE80:0:0::1]/'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('is one host, spelled %s or %s', async (one, other) => {
    const { latchkey, store } = await makeHost({ store: make(), integrations: [hub()] })
    expect(await link(latchkey, one)).toMatchObject({ type: 'create_entry' })
    expect(await link(latchkey, other)).toMatchObject(isLinked)
    expect(await link(latchkey, 'https://hub.local:8443')).toMatchObject({ type: 'create_entry' })
    await store.close()
  })

  it('finds an entry of an older release in any spelling', async () => {
    const before = await makeHost({ store: make(), integrations: [hub()] })
    const { entryId } = await link(before.latchkey, 'http://HUB.local/')
    await makeOlder(before, entryId, 'http://HUB.local/')
    const { latchkey, store } = await before.again()
    expect(await link(latchkey, 'hub.local')).toMatchObject(isLinked)
    expect(await link(latchkey, 'http://HUB.local/')).toMatchObject(isLinked)
    const revision = (await store.getEntry('default', entryId ?? ''))?.revision
    expect(await link((await before.again()).latchkey, 'hub.local.')).toMatchObject(isLinked)
    expect((await store.getEntry('default', entryId ?? ''))?.revision).toBe(revision)
    await store.close()
  })

  it('keeps both entries of a host that an older release has linked twice', async () => {
    const before = await makeHost({ store: make(), integrations: [hub()] })
    const first = await link(before.latchkey, 'HUB.local')
    await makeOlder(before, first.entryId, 'HUB.local')
    const second = await link(before.latchkey, 'other.local')
    const row = await before.store.getEntry('default', second.entryId ?? '')
    if (row === undefined) throw new Error('The entry was removed.')
    const record = { ...row, data: { host: 'hub.local' }, revision: row.revision + 1 }
    await before.store.apply('default', [{ put: 'entry', record, ifRevision: row.revision }])
    await makeOlder(before, second.entryId, 'hub.local')
    const { latchkey, store } = await before.again()
    expect(await link(latchkey, 'Hub.Local')).toMatchObject(isLinked)
    expect((await latchkey.entries.list()).items).toHaveLength(2)
    await store.close()
  })

  it('does not reconfigure an entry to the host of an older one', async () => {
    const before = await makeHost({ store: make(), integrations: [hub()] })
    const first = await link(before.latchkey, 'HUB.local')
    await makeOlder(before, first.entryId, 'HUB.local')
    const { entryId } = await link(before.latchkey, 'other.local')
    const { latchkey, store } = await before.again()
    const { flowId, revision } = await latchkey.flows.start({ source: 'reconfigure', entryId: entryId ?? '' })
    const end = await latchkey.flows.submit(flowId, { host: 'hub.local', token: 't' }, { revision })
    expect(end).toMatchObject(isLinked)
    await store.close()
  })
})

describe('the key of an older entry', () => {
  const older = async (changes: object = {}) => {
    const store = new TamperedStore()
    const before = await makeHost({ store, integrations: [hub()] })
    const { entryId } = await link(before.latchkey, 'HUB.local')
    await makeOlder(before, entryId, 'HUB.local')
    const host = await before.again({ integrations: [hub(changes)] })
    return { ...host, store, entryId: entryId ?? '' }
  }

  it('is computed again after another process has changed the entry', async () => {
    const { latchkey, store, entryId } = await older()
    let once = true
    store.onApply = async (apply, writes) => {
      if (once && writesEntry(writes)) {
        once = false
        await latchkey.entries.update(entryId, { title: 'Renamed' })
      }
      return apply()
    }
    expect(await link(latchkey, 'hub.local')).toMatchObject({ reason: 'already_configured' })
    expect((await latchkey.entries.get(entryId)).title).toBe('Renamed')
  })

  it('is not computed for an entry that was removed, or that waits for a migration', async () => {
    const one = await older()
    let once = true
    one.store.onApply = async (apply, writes) => {
      if (once && writesEntry(writes)) {
        once = false
        await one.latchkey.entries.remove(one.entryId)
      }
      return apply()
    }
    expect(await link(one.latchkey, 'hub.local')).toMatchObject({ type: 'create_entry' })
    const two = await older({ version: 2, migrate: { 1: (values: object) => values } })
    expect(await link(two.latchkey, 'hub.local')).toMatchObject({ type: 'create_entry' })
  })

  it('is computed on every page of many entries', async () => {
    const { latchkey, store, entryId } = await older()
    const row = await store.getEntry('default', entryId)
    if (row === undefined) throw new Error('The entry was removed.')
    const { matchKey: _, ...other } = row
    const copies = Array.from({ length: 600 }, (_, index) => ({
      ...other,
      entryId: `0${index}`,
      revision: 1,
    }))
    await store.inner.apply(
      'default',
      copies.map((record) => ({ put: 'entry', record, ifRevision: 0 })),
    )
    expect(await link(latchkey, 'hub.local')).toMatchObject({ reason: 'already_configured' })
  })

  it('stays if the integration matches by another field or by nothing', async () => {
    const other = await older({ fields: z.object({ host: z.string().optional(), token: secret() }) })
    expect(await link(other.latchkey, 'hub.local')).toMatchObject({ type: 'create_entry' })
    const nothing = await older({ abortIfEntriesMatch: undefined })
    expect(await link(nothing.latchkey, 'hub.local')).toMatchObject({ type: 'create_entry' })
  })

  it('is computed at the next call if the store fails', async () => {
    const { latchkey, store } = await older()
    const form = await latchkey.flows.start({ domain: 'hub', source: 'user' })
    const input = { host: 'hub.local', token: 't' }
    store.onApply = async (apply, writes) => {
      if (writesEntry(writes)) throw new StoreError('The disk is full.')
      return apply()
    }
    const failed = await latchkey.flows.submit(form.flowId, input, form)
    expect(failed).toMatchObject({ errors: { base: { code: 'unknown' } } })
    store.onApply = (apply) => apply()
    expect(await latchkey.flows.submit(form.flowId, input, failed)).toMatchObject(isLinked)
  })
})

describe.each(stores.each)('a discovery of an address over %s', (_, make) => {
  it.each([
    ['hub.local', 'hub.local.'],
    ['hub.local', 'HUB.local'],
    ['192.168.2.88', 'http://192.168.2.88'],
    ['192.168.2.88', '::ffff:192.168.2.88'],
    ['https://hub.local/', 'HTTPS://hub.local:443'],
  ])('does not ask about %s if it is announced as %s', async (linked, announced) => {
    const integration = hub({
      abortIfEntriesMatch: undefined,
      connect: async () => ({ client: {}, uniqueId: 'a' }),
    })
    const { latchkey, store } = await makeHost({ store: make(), integrations: [integration] })
    const { entryId } = await link(latchkey, linked)
    const discover = (host: string) =>
      latchkey.flows.start({
        domain: 'hub',
        source: 'discovery',
        discovery: { uniqueId: 'a', values: { host } },
      })
    expect(await discover(announced)).toMatchObject({ reason: 'already_configured', entryId })
    expect(await latchkey.attention.list()).toEqual([])
    // A dismissed address is the same in each spelling, too.
    await discover('moved.local')
    await latchkey.entries.dismissProposal(entryId ?? '')
    await discover('MOVED.local.')
    expect(await latchkey.attention.list()).toEqual([])
    await discover('third.local')
    await discover(announced)
    expect(await latchkey.attention.list()).toEqual([])
    await store.close()
  })
})
