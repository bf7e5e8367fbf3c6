import { describe, expect, it } from '@jest/globals'
import { addEntry, makeHost } from '../host.ts'

describe('the history of an entry', () => {
  it('is listed from its newest row back, in pages', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    await latchkey.entries.disable(entryId)
    await latchkey.entries.enable(entryId)
    const all = (await latchkey.history(entryId)).items
    const first = await latchkey.history(entryId, { order: 'newest', limit: 2 })
    const rest = await latchkey.history(entryId, { order: 'newest', limit: 2, after: first.next ?? '' })
    expect([...first.items, ...rest.items]).toEqual(all.toReversed())
    expect(rest.next).toBeNull()
    expect((await latchkey.history(entryId, { order: 'oldest' })).items).toEqual(all)
  })

  it('is filtered by kinds, without reading all of it for one page', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    for (let times = 0; times < 8; times++) {
      await latchkey.entries.disable(entryId)
      await latchkey.entries.enable(entryId)
    }
    const kinds = ['entry_created', 'entry_ignored']
    expect((await latchkey.history(entryId, { kinds, order: 'newest' })).items).toMatchObject([
      { kind: 'entry_created' },
    ])
    // 17 rows: ten single ones are read for the first page.
    const first = await latchkey.history(entryId, { kinds, order: 'newest', limit: 1 })
    expect(first.items).toEqual([])
    const after = first.next ?? ''
    const second = await latchkey.history(entryId, { kinds, order: 'newest', limit: 1, after })
    expect(second).toMatchObject({ items: [{ kind: 'entry_created' }], next: null })
    expect((await latchkey.history(entryId, { kinds: ['no_such_kind'] })).items).toEqual([])
  })
})
