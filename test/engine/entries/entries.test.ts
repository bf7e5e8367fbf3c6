import { describe, expect, it } from '@jest/globals'
import {
  InvalidInputError,
  StaleRevisionError,
  StoreError,
  UnknownEntryError,
  UnreadableRecordError,
} from '../../../src/errors.ts'
import { addEntry, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

describe('entries.get and entries.list', () => {
  it('show the stored metadata and the state, but no field', async () => {
    const host = await makeHost()
    const ids = [await addEntry(host), await addEntry(host, { token: 'two', account: 'bob' })]
    const first = await host.latchkey.entries.list({ limit: 1 })
    const rest = await host.latchkey.entries.list({ after: first.next ?? '', limit: 1 })
    expect([...first.items, ...rest.items].map(({ entryId }) => entryId).sort()).toEqual(ids.sort())
    expect(first.items[0]).not.toHaveProperty('data')
    expect(JSON.stringify(first)).not.toContain('good')
    expect((await host.latchkey.entries.list({ domain: 'other' })).items).toEqual([])
  })

  it('name an entry that is not there', async () => {
    const { latchkey } = await makeHost()
    const thrown: unknown = await latchkey.entries.get('__proto__').catch((error) => error)
    expect(thrown).toBeInstanceOf(UnknownEntryError)
    expect(thrown).toMatchObject({
      entryId: '__proto__',
      message: 'Entry __proto__ not found. It may have been removed.',
    })
  })

  it('report a row that is damaged, and show the others', async () => {
    const host = await makeHost()
    const good = await addEntry(host)
    const bad = await addEntry(host, { token: 'two', account: 'bob' })
    const stored = await host.store.getEntry('default', bad)
    if (stored === undefined) throw new Error('There is an entry.')
    const damaged = { ...structuredClone(stored), version: 0, revision: stored.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record: damaged, ifRevision: stored.revision }])
    const page = await host.latchkey.entries.list()
    expect(page.items.map(({ entryId }) => entryId)).toEqual([good])
    expect(page.unreadable).toEqual([bad])
    const thrown: unknown = await host.latchkey.entries.get(bad).catch((error) => error)
    expect(thrown).toBeInstanceOf(UnreadableRecordError)
    expect(thrown).toMatchObject({ kind: 'entry', id: bad })
    const { latchkey, log } = await host.again()
    await latchkey.start()
    expect(await latchkey.entries.get(good)).toMatchObject({ state: 'loaded' })
    expect(await latchkey.attention.list()).toMatchObject([
      { scope: 'default', entryId: bad, reason: 'unreadable', since: null, flowId: null },
    ])
    expect(log.messages).toContain('The row of an entry could not be read.')
  })
})

describe('entries.update', () => {
  it('renames, and tells the history and the listeners', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const told: unknown[] = []
    host.latchkey.on('entry_updated', (event) => told.push(event))
    const view = await host.latchkey.entries.update(entryId, { title: 'Attic' }, { principal: 'ada' })
    expect(view).toMatchObject({ title: 'Attic', revision: 2, state: 'loaded' })
    expect(told).toEqual([{ scope: 'default', entryId, domain: 'scripted', revision: 2 }])
    const { items } = await host.latchkey.history(entryId)
    expect(items.map(({ kind, who }) => [kind, who])).toEqual([
      ['entry_created', 'host'],
      ['entry_renamed', 'ada'],
    ])
  })

  it.each(['می\u200cخواهم', '\u{1f469}\u200d\u{1f4bb}', '\u{1f3f3}\ufe0f\u200d\u{1f308}', 'Co\u00adop'])(
    'keeps the joiners of %j, as connect reports them',
    async (title) => {
      const host = await makeHost()
      host.service.script({ connect: 'ann', title })
      const entryId = await addEntry(host)
      expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title })
      const renamed = `My ${title}`
      expect(await host.latchkey.entries.update(entryId, { title: renamed })).toMatchObject({
        title: renamed,
      })
    },
  )

  it.each([
    ['empty', ''],
    ['of spaces', '   '],
    ['too long', 'x'.repeat(201)],
    ['with an ANSI sequence', '\u001b[31mred'],
    ['with a control character', 'one\u0000two'],
    ['with a line break', 'one\ntwo'],
    ['with a bidi override', 'abc\u202edef'],
    ['with a line separator', 'one\u2028two'],
    ['an isolate', 'a\u2066b'],
    ['joiners without letters', '\u200d\u200d'],
    ['no text', JSON.parse('{"title":7}').title],
  ])('refuses a title that is %s', async (_, title) => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const thrown: unknown = await host.latchkey.entries.update(entryId, { title }).catch((error) => error)
    expect(thrown).toBeInstanceOf(InvalidInputError)
    expect(thrown).toMatchObject({
      pointers: ['/title'],
      message: 'Invalid title. Use 1 to 200 characters without control characters.',
    })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title: 'Scripted', revision: 1 })
  })

  it('continues if another process has written the entry since it was read', async () => {
    const store = new TamperedStore()
    const one = await makeHost({ store })
    const two = await one.again({ store: store.inner })
    const entryId = await addEntry(one)
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await two.latchkey.entries.disable(entryId)
      await apply()
    }
    expect(await one.latchkey.entries.update(entryId, { title: 'Attic' })).toMatchObject({
      title: 'Attic',
      disabled: true,
      revision: 3,
    })
  })

  it('tells the caller where the store cannot write', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(host.latchkey.entries.update(entryId, { title: 'Attic' })).rejects.toThrow(
      'The disk is full.',
    )
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title: 'Scripted', revision: 1 })
  })

  it('rejects a stale revision and returns the current entry', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const before = await entries.get(entryId)
    const { revision } = before
    const renamed = await entries.update(entryId, { title: 'Attic' }, { revision, principal: 'ann' })
    expect(renamed).toMatchObject({ title: 'Attic', revision: revision + 1 })
    const thrown: unknown = await entries
      .update(entryId, { title: 'Cellar' }, { revision })
      .catch((error) => error)
    expect(thrown).toBeInstanceOf(StaleRevisionError)
    expect(thrown).toMatchObject({ view: renamed })
    expect(await entries.get(entryId)).toEqual(renamed)
    expect((await host.latchkey.history(entryId)).items.at(-1)).toMatchObject({
      kind: 'entry_renamed',
      who: 'ann',
      revision: revision + 1,
    })
    expect(await entries.update(entryId, { title: 'Cellar' })).toMatchObject({ title: 'Cellar' })
  })

  it('refuses the slower of two who saw the same revision', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const other = await host.again()
    const { revision } = await host.latchkey.entries.get(entryId)
    const both = await Promise.allSettled([
      host.latchkey.entries.update(entryId, { title: 'Attic' }, { revision }),
      other.latchkey.entries.update(entryId, { title: 'Cellar' }, { revision }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const won = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'STALE_REVISION', view: { entryId, revision: revision + 1, title: won[0]?.title } },
    })
  })
})
