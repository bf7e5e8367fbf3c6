import assert from 'node:assert/strict'
import { pages, type StoreCase, storeCase } from './store-case.ts'
import { auditRow, entryRecord, put, write } from './store-records.ts'

/** The requirements of the history. */
export const historyCases: readonly StoreCase[] = [
  storeCase(
    'lists the history of an entry in order and in pages, and also after its removal',
    async (store) => {
      const row = (number: number) => auditRow({ kind: `kind ${number}`, revision: number })
      for (let number = 0; number < 7; number++) {
        await write(
          store,
          { audit: row(number) },
          { audit: auditRow({ entryId: 'entry-2' }) },
          { audit: auditRow({ entryId: null }) },
        )
      }
      await write(store, put(entryRecord()))
      await write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 }, { audit: row(7) })
      for (const limit of [1, 3, 8, 9]) {
        const all = await pages((after) => store.readAudit('home', 'entry-1', { ...after, limit }))
        const expected = Array.from({ length: 8 }, (_, number) => row(number))
        assert.deepEqual(all.flat(), expected)
        assert.equal(all.length, Math.ceil(8 / limit))
        const newest = await pages((after) =>
          store.readAudit('home', 'entry-1', { ...after, limit, order: 'newest' }),
        )
        assert.deepEqual(newest.flat(), expected.toReversed())
        assert.equal(newest.length, Math.ceil(8 / limit))
      }
      assert.deepEqual((await store.readAudit('home', 'none', { limit: 9 })).items, [])
    },
  ),

  storeCase('lists the history of a scope in order and in pages', async (store) => {
    const rows = Array.from({ length: 5 }, (_, number) =>
      auditRow({ entryId: number % 2 === 0 ? 'entry-1' : null, revision: number + 1 }),
    )
    for (const audit of rows) await write(store, { audit })
    const all = await pages((after) => store.readAudit('home', null, { ...after, limit: 2 }))
    assert.deepEqual(all, [rows.slice(0, 2), rows.slice(2, 4), rows.slice(4)])
    const newest = { limit: 2, order: 'newest' } as const
    const back = await pages((after) => store.readAudit('home', null, { ...after, ...newest }))
    assert.deepEqual(back.flat(), rows.toReversed())
    // Rows that were added since then are not on the next page.
    const { next } = await store.readAudit('home', null, newest)
    await write(store, { audit: auditRow({ revision: 6 }) })
    const { items } = await store.readAudit('home', null, { ...newest, after: next ?? '' })
    assert.deepEqual(items, [rows[2], rows[1]])
  }),

  storeCase('deletes only history that is older than requested', async (store) => {
    for (const at of [1, 2, 3])
      await write(store, { audit: auditRow({ at }) }, { audit: auditRow({ at, entryId: 'entry-2' }) })
    // Four rows are older: two calls.
    assert.equal(await store.purgeAudit(3, 3), true)
    assert.equal((await store.readAudit('home', null, { limit: 9 })).items.length, 3)
    assert.equal(await store.purgeAudit(3, 3), false)
    await write(store, { audit: auditRow({ at: 4 }) })
    for (const entryId of ['entry-1', null]) {
      const { items } = await store.readAudit('home', entryId, { limit: 9 })
      assert.deepEqual(
        items.map(({ at }) => at),
        entryId === null ? [3, 3, 4] : [3, 4],
      )
    }
    assert.equal(await store.purgeAudit(9, 9), false)
    assert.deepEqual((await store.readAudit('home', null, { limit: 9 })).items, [])
  }),
]
