import { describe, expect, it } from '@jest/globals'
import { addEntry, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'
import { rowOf } from '../versions.ts'

describe('attention.list', () => {
  it('keeps an entry whose flow was dismissed: the need is a fact, the flow is not', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const item = {
      scope: 'default',
      entryId,
      domain: 'scripted',
      title: 'Scripted',
      service: 'Scripted',
      reason: 'invalid_auth',
      since: 1_000_000,
      text: 'Scripted no longer accepts the saved token.',
      language: 'en',
    }
    expect(await host.latchkey.attention.list()).toEqual([{ ...item, flowId: form.flowId }])
    await host.latchkey.flows.cancel(form.flowId)
    expect(await host.latchkey.attention.list()).toEqual([{ ...item, flowId: null }])
    const again = await host.latchkey.flows.start({ source: 'reauth', entryId })
    expect(await host.latchkey.attention.list()).toEqual([{ ...item, flowId: again.flowId }])
  })

  it('lists every entry there is, over the pages of the store', async () => {
    const host = await makeHost()
    for (let index = 0; index < 520; index++) {
      const entryId = await addEntry(host, { token: `t${index}`, account: `a${index}` })
      await host.latchkey.entries.requestReauth(entryId)
    }
    const items = await host.latchkey.attention.list()
    expect(new Set(items.map(({ entryId }) => entryId)).size).toBe(520)
  })

  it('shows an unreadable row and the other rows', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const one = await addEntry(host)
    const two = await addEntry(host, { token: 'two', account: 'bob' })
    await host.latchkey.entries.requestReauth(one)
    await host.latchkey.entries.requestReauth(two)
    store.onEntries = (page) => ({
      ...page,
      items: page.items.map((entry) =>
        entry.entryId === one ? { ...structuredClone(entry), version: 0 } : entry,
      ),
      unreadable: ['torn'],
    })
    const items = await host.latchkey.attention.list()
    expect(items.map(({ entryId, reason }) => [entryId, reason]).sort()).toEqual(
      [
        [one, 'unreadable'],
        [two, 'requested'],
        ['torn', 'unreadable'],
      ].sort(),
    )
  })

  it('shows the need also where its flow is of another version', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    store.onFlow = (flow) => ({ ...structuredClone(flow), machine: 'config-flow@9' })
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId, flowId: form.flowId }])
  })

  it('omits entries that were removed during the call, and those of other scopes', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.scope('acme').attention.list()).toEqual([])
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId }])
    store.onEntry = async () => undefined
    expect(await host.latchkey.attention.get(entryId)).toBeNull()
  })

  it('lists an entry with two reasons once', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'requested' }])
  })
})

describe('attention.page', () => {
  it('returns pages that together are the list, with two reads of the store each', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    for (let index = 0; index < 5; index++) {
      const entryId = await addEntry(host, { token: `t${index}`, account: `a${index}` })
      await host.latchkey.entries.requestReauth(entryId)
    }
    let reads = 0
    const { findAttention, getAttempts } = store
    store.findAttention = (...query) => {
      reads++
      return findAttention.apply(store, query)
    }
    store.getAttempts = (...query) => {
      reads++
      return getAttempts.apply(store, query)
    }
    store.onEntry = async () => {
      throw new Error('An entry was read by itself.')
    }
    store.onFlow = () => {
      throw new Error('A flow was read by itself.')
    }
    const pages: string[][] = []
    for (let after: string | null | undefined; after !== null; ) {
      const page = await host.latchkey.attention.page({ limit: 2, ...(after !== undefined && { after }) })
      pages.push(page.items.map(({ entryId }) => String(entryId)))
      after = page.next
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1])
    expect(reads).toBe(pages.length + 1)
    const all = await host.latchkey.attention.list()
    expect(all.map(({ entryId }) => entryId)).toEqual(pages.flat())
    expect(all.every(({ flowId }) => flowId !== null)).toBe(true)
    const [german] = (await host.latchkey.attention.page({ limit: 1, language: 'de' })).items
    expect(german).toMatchObject({ language: 'de' })
  })
})

describe('attention.get', () => {
  it('omits a disabled entry with any reason, until it is enabled', async () => {
    const host = await makeHost()
    const { latchkey, service } = host
    const asked = await addEntry(host)
    const broken = await addEntry(host, { token: 'two', account: 'bob' })
    await latchkey.entries.requestReauth(asked)
    service.script('setup_error')
    await latchkey.entries.reload(broken)
    const other = await host.again()
    const listed = async () => (await latchkey.attention.list()).map(({ entryId }) => entryId).sort()
    expect(await listed()).toEqual([asked, broken].sort())
    for (const entryId of [asked, broken]) {
      // By another process: this one still knows that it could not be set up.
      await other.latchkey.entries.disable(entryId)
      expect(await latchkey.attention.get(entryId)).toBeNull()
    }
    expect(await listed()).toEqual([])
    await other.latchkey.entries.enable(asked)
    expect(await listed()).toEqual([asked])
  })

  it('returns the item of an entry, and null if it needs no attention', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { attention } = host.latchkey
    expect(await attention.get(entryId)).toBeNull()
    const form = await loseCredential(host, entryId)
    const [item] = await attention.list()
    expect(item).toMatchObject({ entryId, reason: 'invalid_auth', flowId: form.flowId })
    expect(await attention.get(entryId)).toEqual(item)
    expect(await host.latchkey.scope('acme').attention.get(entryId)).toBeNull()
    await host.latchkey.entries.remove(entryId)
    expect(await attention.get(entryId)).toBeNull()
  })

  it('knows the need in a process that does not run the entry', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const other = await host.again()
    expect(await other.latchkey.attention.get(entryId)).toBeNull()
    await host.latchkey.entries.requestReauth(entryId)
    expect(await other.latchkey.attention.get(entryId)).toMatchObject({ reason: 'requested' })
  })

  it('lists an entry that could not be set up, until it is loaded', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    const [item] = await host.latchkey.attention.list()
    expect(item).toMatchObject({ entryId, reason: 'setup_error', since: 1_000_000, flowId: null })
    expect(await host.latchkey.attention.get(entryId)).toEqual(item)
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.get(entryId)).toBeNull()
  })

  it('lists an entry that could not be migrated', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.onEntry = async (entry) => entry && { ...structuredClone(entry), migrationError: 'It broke.' }
    expect(await host.latchkey.attention.get(entryId)).toMatchObject({
      entryId,
      reason: 'migration_error',
      since: null,
    })
  })

  it('lists an entry of a newer version, until a newer process has restored the original', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const put = async (version: number) => {
      const stored = await rowOf(host.store, entryId)
      const record = { ...structuredClone(stored), version, revision: stored.revision + 1 }
      await host.store.apply('default', [{ put: 'entry', record, ifRevision: stored.revision }])
    }
    await put(2)
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ entryId, reason: 'newer_version' }])
    await put(1)
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('lists an unreadable row, also if it was damaged before the host started', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await host.latchkey.entries.requestReauth(entryId)
    const line = {
      scope: 'default',
      entryId,
      reason: 'unreadable',
      since: null,
      flowId: null,
      text: 'Its saved data can’t be read.',
      language: 'en',
    }
    store.onEntry = async (entry) => entry && { ...structuredClone(entry), version: 0 }
    expect(await host.latchkey.attention.get(entryId)).toEqual(line)
    store.onEntries = (page) => ({ ...page, items: [], unreadable: [entryId] })
    await host.latchkey.start()
    expect(await host.latchkey.attention.get(entryId)).toEqual(line)
  })
})
