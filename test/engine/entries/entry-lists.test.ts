import { afterAll, describe, expect, it } from '@jest/globals'
import { CannotConnectError } from '../../../src/errors.ts'
import type { EntryRecord, Write } from '../../../src/ports/store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

type Query = Parameters<Host['latchkey']['entries']['list']>[0]

/** Adds an entry with a title for each name. */
async function addEntries(host: Host, ...names: string[]): Promise<Record<string, string>> {
  const ids: Record<string, string> = {}
  for (const name of names) {
    const entryId = await addEntry(host, { token: name, account: name })
    await host.latchkey.entries.update(entryId, { title: name })
    ids[name] = entryId
  }
  return ids
}

/** Returns the titles of all pages of a query, and the largest number of items in one. */
async function titles({ latchkey }: Host, query: Query): Promise<string[]> {
  const found: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await latchkey.entries.list({ ...query, ...(after !== undefined && { after }) })
    expect(page.items.length).toBeLessThanOrEqual(query?.limit ?? 100)
    found.push(...page.items.map(({ title }) => title))
    after = page.next
  }
  return found.sort()
}

const lose = (host: Host, entryId: string) =>
  host.latchkey.entries.use(host.service.integration, entryId, (client) => client.drop())

/** Stores copies of an entry. */
async function copyEntry(
  host: Host,
  entryId: string,
  count: number,
  changed: (at: number) => Partial<EntryRecord>,
): Promise<void> {
  const record = await host.store.getEntry('default', entryId)
  if (record === undefined) throw new Error('The entry was removed.')
  const writes = Array.from({ length: count }, (_, at): Write => {
    const copy = {
      ...record,
      entryId: `copy-${String(at).padStart(6, '0')}`,
      uniqueId: `copy-${at}`,
      revision: 1,
    }
    return { put: 'entry', record: { ...copy, ...changed(at) }, ifRevision: 0 }
  })
  await host.store.apply('default', writes)
}

describe.each(stores.each)('entries.list on %s', (_, store) => {
  it('finds words in title, service, account, address and ids, without case and accents', async () => {
    const host = await makeHost({ store: store() })
    const ids = await addEntries(host, 'Café Wohnzimmer', 'Garage', 'Attic')
    expect(await titles(host, { q: 'CAFE wohn' })).toEqual(['Café Wohnzimmer'])
    expect(await titles(host, { q: 'scripted', limit: 1 })).toEqual(['Attic', 'Café Wohnzimmer', 'Garage'])
    expect(await titles(host, { q: `${ids.Garage}` })).toEqual(['Garage'])
    expect(await titles(host, { q: 'garage cafe' })).toEqual([])
    expect(await titles(host, { q: 'garage', domain: 'scripted' })).toEqual(['Garage'])
    expect(await titles(host, { q: 'garage', domain: 'other' })).toEqual([])
    await host.latchkey.stop()
  })

  it('selects by state, and counts, also what only this process knows', async () => {
    const host = await makeHost({ store: store() })
    const { latchkey } = host
    const ids = await addEntries(host, 'works', 'refused', 'disabled', 'lost', 'unloaded', 'asked', 'failing')
    await atRest()
    await loseCredential(host, ids.refused ?? '', 'refused')
    await latchkey.entries.disable(ids.disabled ?? '')
    await lose(host, ids.lost ?? '')
    await latchkey.entries.unload(ids.unloaded ?? '')
    await latchkey.entries.requestReauth(ids.asked ?? '')
    host.service.script('cannot_connect')
    await latchkey.entries.reload(ids.failing ?? '')
    for (const limit of [1, 2, 100]) {
      expect(await titles(host, { state: 'attention', limit })).toEqual(['asked', 'refused'])
      expect(await titles(host, { state: 'offline', limit })).toEqual(['failing', 'lost', 'unloaded'])
      expect(await titles(host, { state: 'connected', limit })).toEqual(['asked', 'works'])
      expect(await titles(host, { state: 'disabled', limit })).toEqual(['disabled'])
      expect(await titles(host, { state: 'offline', q: 'lost', limit })).toEqual(['lost'])
      for (const state of ['attention', 'offline', 'connected', 'disabled'] as const)
        expect(await titles(host, { state, domain: 'other', limit })).toEqual([])
    }
    const counts = { all: 7, attention: 2, offline: 3, connected: 2, disabled: 1 }
    expect(await latchkey.entries.counts()).toEqual(counts)
    const first = await latchkey.entries.list({ limit: 4 })
    expect(first.counts).toEqual(counts)
    expect(await latchkey.entries.list({ after: first.next ?? '' })).not.toHaveProperty('counts')
    await latchkey.stop()
  })
})

describe('entries.list', () => {
  it('searches the title of a service in the language of the caller', async () => {
    const service = new ScriptedService()
    const texts = { de: { title: 'Türöffner', data: { host: 'Adresse', token: 'Schlüssel', code: 'Code' } } }
    const host = await makeHost({ service, integrations: [{ ...service.integration, texts }] })
    await addEntries(host, 'Garage')
    const search = async (language: string) =>
      (await host.latchkey.entries.list({ q: 'turoff', language })).items.length
    expect([await search('de'), await search('en')]).toEqual([1, 0])
  })

  it('reads at most 10,000 entries for a page, and continues after them', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await copyEntry(host, entryId, 12_000, (at) => ({ title: at === 11_000 ? 'Needle' : 'Hay' }))
    const first = await host.latchkey.entries.list({ q: 'needle' })
    expect(first).toMatchObject({ items: [], next: expect.any(String), counts: { all: 12_001 } })
    const second = await host.latchkey.entries.list({ q: 'needle', after: first.next ?? '' })
    expect(second).toMatchObject({ items: [{ title: 'Needle' }], next: null })
  })

  it('reads at most 10,000 attention items for a page, and continues after them', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const reauth = { since: 1, reason: 'requested' } as const
    await copyEntry(host, entryId, 11_000, (at) => ({ title: at === 10_500 ? 'Needle' : 'Hay', reauth }))
    const query = { q: 'needle', state: 'attention', limit: 1_000 } as const
    const first = await host.latchkey.entries.list(query)
    expect(first).toMatchObject({ items: [], next: expect.any(String) })
    expect(await titles(host, query)).toEqual(['Needle'])
  })

  it('lists entries that wait for their integration as offline and in need of attention', async () => {
    const first = await makeHost()
    const ids = await addEntries(first, 'hub', 'off', 'asked')
    await first.latchkey.entries.disable(ids.off ?? '')
    await first.latchkey.entries.requestReauth(ids.asked ?? '')
    await first.latchkey.stop()
    const host = await first.again({ integrations: [] })
    await host.latchkey.start()
    expect(await titles(host, { state: 'offline' })).toEqual(['asked', 'hub'])
    expect(await titles(host, { q: 'scripted asked' })).toEqual(['asked'])
    expect(await titles(host, { state: 'attention' })).toEqual(['asked', 'hub'])
    expect(await host.latchkey.entries.counts()).toEqual({
      all: 3,
      attention: 2,
      offline: 2,
      connected: 0,
      disabled: 1,
    })
  })

  it('does not find an entry that this process lost and another one removed', async () => {
    const host = await makeHost()
    const ids = await addEntries(host, 'a', 'b', 'c')
    await atRest()
    for (const name of ['a', 'b', 'c']) await host.latchkey.entries.unload(ids[name] ?? '')
    const record = await host.store.getEntry('default', ids.b ?? '')
    await host.store.apply('default', [
      { remove: 'entry', id: ids.b ?? '', ifRevision: record?.revision ?? 0 },
    ])
    expect(await titles(host, { state: 'offline', limit: 1 })).toEqual(['a', 'c'])
    expect((await host.latchkey.entries.counts()).offline).toBe(2)
    await host.latchkey.entries.setup(ids.a ?? '')
    await host.latchkey.entries.setup(ids.c ?? '')
    expect((await host.latchkey.entries.counts()).offline).toBe(0)
  })

  it('lists more strays than one read of the store', async () => {
    const host = await makeHost()
    const ids: string[] = []
    for (let index = 0; index < 1_002; index++) {
      const entryId = await addEntry(host, { token: `t${index}`, account: `a${index}` })
      ids.push(entryId)
    }
    await atRest()
    for (const id of ids) await host.latchkey.entries.unload(id)
    expect((await host.latchkey.entries.list({ state: 'offline', limit: 1_000 })).items).toHaveLength(1_000)
    const listed = await titles(host, { state: 'offline', limit: 1_000 })
    expect(listed).toHaveLength(1_002)
    expect((await host.latchkey.entries.counts()).offline).toBe(1_002)
  })

  it('lists strays between entries that are offline according to the store', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const setupFailure = { reason: 'cannot_connect', since: 1, tries: 1, retryAt: 9_000_000 }
    await copyEntry(host, entryId, 1_100, (at) => ({ title: `copy ${at}`, setupFailure }))
    await atRest()
    await host.latchkey.entries.unload(entryId)
    const listed = await titles(host, { state: 'offline', limit: 700 })
    expect([listed.length, new Set(listed).size, listed.includes('Scripted')]).toEqual([1_101, 1_101, true])
  })

  it('searches ignored entries separately', async () => {
    const host = await makeHost()
    await addEntries(host, 'shown')
    const found = await host.latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: { uniqueId: 'other', values: { host: 'h' }, title: 'hidden' },
    })
    await host.latchkey.flows.ignore(found.flowId)
    expect(await titles(host, { q: 'scripted' })).toEqual(['shown'])
    expect(await titles(host, { q: 'hidden', ignored: true })).toEqual(['hidden'])
  })

  it('lists an entry whose service does not answer calls as offline, until it is removed', async () => {
    const host = await makeHost()
    const { latchkey, service } = host
    const entryId = await addEntry(host)
    const silent = () => {
      throw new CannotConnectError()
    }
    for (let call = 0; call < 3; call++)
      await latchkey.entries.use(service.integration, entryId, silent).catch(() => {})
    expect(await titles(host, { state: 'offline' })).toEqual(['Scripted'])
    expect(await latchkey.entries.counts()).toMatchObject({ all: 1, offline: 1, connected: 0 })
    await latchkey.entries.remove(entryId)
    expect(await latchkey.entries.counts()).toMatchObject({ all: 0, offline: 0 })
  })

  it('counts an entry once that is unloaded after its connection failed', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('cannot_connect')
    await host.latchkey.entries.reload(entryId)
    await host.latchkey.entries.unload(entryId)
    expect(await host.latchkey.entries.counts()).toMatchObject({ all: 1, offline: 1, connected: 0 })
  })

  it('names damaged rows, and lists the others', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const ids = await addEntries(host, 'good', 'torn')
    store.onEntries = (page) => ({
      ...page,
      items: page.items.map((entry) =>
        entry.entryId === ids.torn ? { ...structuredClone(entry), version: 0 } : entry,
      ),
      unreadable: ['lost'],
    })
    const page = await host.latchkey.entries.list({ q: 'scripted' })
    expect(page).toMatchObject({ items: [{ title: 'good' }], unreadable: ['lost', ids.torn] })
    for (const entryId of Object.values(ids))
      await host.latchkey.entries.requestReauth(entryId).catch(() => {})
    expect(await titles(host, { state: 'attention' })).toEqual(['good'])
  })

  it.each([[{ q: 'x'.repeat(201) }], [{ q: 7 }], [{ state: 'broken' }], [{ state: 'toString' }]])(
    'refuses %j',
    async (query) => {
      const { latchkey } = await makeHost()
      await expect(latchkey.entries.list(query as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    },
  )
})
