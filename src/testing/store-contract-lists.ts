import assert from 'node:assert/strict'
import type { EntryQuery, EntryRecord, FlowQuery, FlowRecord, Store } from '../ports/store.ts'
import type { StoreCase } from './store-case.ts'
import { pages, storeCase } from './store-case.ts'
import { attemptsRecord, editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const need = { since: 1, reason: 'invalid_auth' } as const

export async function entryIds(store: Store, query: Omit<EntryQuery, 'after' | 'limit'>, limit = 3) {
  const all = await pages((after) => store.findEntries('home', { ...query, ...after, limit }))
  return idsOf(all, limit, ({ entryId }: EntryRecord) => entryId)
}

export async function flowIds(store: Store, query: Omit<FlowQuery, 'after' | 'limit'>, limit = 3) {
  const all = await pages((after) => store.findFlows('home', { ...query, ...after, limit }))
  return idsOf(all, limit, ({ flowId }: FlowRecord) => flowId)
}

/** Expects that every page but the last is full, and that no empty page follows. */
function idsOf<Item>(all: (readonly Item[])[], limit: number, id: (item: Item) => string): string[] {
  for (const page of all.slice(0, -1)) assert.equal(page.length, limit)
  if (all.length > 1) assert.notEqual(all.at(-1)?.length, 0)
  return all.flat().map(id)
}

/** Returns the ids `a00`, `a01`, … in a different order. */
function shuffled(count: number): string[] {
  const ids = Array.from({ length: count }, (_, number) => `a${String(number).padStart(4, '0')}`)
  return ids.map((_, number) => ids[(number * 7919) % count] ?? '')
}

/** The requirements of lists and due rows. */
export const listCases: readonly StoreCase[] = [
  storeCase(
    'finds the credentials of all scopes that expire in a period, the earliest first',
    async (store) => {
      const found = async (from: number, until: number) =>
        (await store.findExpiring(from, until)).map((one) => `${one.scope}/${one.entryId}`)
      for (const [number, entryId] of shuffled(250).entries()) {
        await write(store, put(entryRecord({ entryId, expiresAt: 1_000 + number })))
      }
      const away = entryRecord({ scope: 'away', expiresAt: 1_100 })
      await store.apply('away', [{ put: 'entry', record: away, ifRevision: 0 }])
      await write(store, put(entryRecord({ entryId: 'never', expiresAt: null })), put(entryRecord()))
      const all = await found(0, 2_000)
      assert.deepEqual(
        all.filter((one) => one.startsWith('home')),
        shuffled(250).map((entryId) => `home/${entryId}`),
      )
      assert.deepEqual(await found(1_000, 1_002), all.slice(1, 3))
      assert.deepEqual((await found(1_099, 1_100)).sort(), ['away/entry-1', `home/${shuffled(250)[100]}`])
      assert.deepEqual(await found(2_000, 3_000), [])
      const first = entryRecord({ entryId: all[0]?.slice(5) ?? '', revision: 2, expiresAt: null })
      await write(store, put(first), { remove: 'entry', id: all[1]?.slice(5) ?? '', ifRevision: 1 })
      assert.deepEqual(await found(0, 1_002), all.slice(2, 3))
    },
  ),

  storeCase('lists entries by id in pages', async (store) => {
    const ids = shuffled(20)
    assert.deepEqual(await entryIds(store, {}), [])
    for (const [number, entryId] of ids.entries()) {
      await write(store, put(entryRecord({ entryId, domain: number % 3 ? 'hub' : 'lamp' })))
    }
    for (const limit of [1, 3, 10, 19, 20, 21])
      assert.deepEqual(await entryIds(store, {}, limit), ids.toSorted())
    const lamps = ids.filter((_, number) => number % 3 === 0).sort()
    assert.deepEqual(await entryIds(store, { domain: 'lamp' }), lamps)
    assert.deepEqual(await entryIds(store, { domain: 'none' }), [])
  }),

  storeCase('lists each remaining row once while rows are added and removed between pages', async (store) => {
    const ids = shuffled(1500)
    await write(store, ...ids.map((entryId) => put(entryRecord({ entryId }))))
    const first = await store.findEntries('home', { limit: 700 })
    const gone = ids.filter((id) => Number(id.slice(1)) % 2 === 1)
    const added = ids.map((id) => `${id}+`)
    await write(
      store,
      ...gone.map((id) => ({ remove: 'entry', id, ifRevision: 1 }) as const),
      ...added.map((entryId) => put(entryRecord({ entryId }))),
    )
    const expected = [...ids.filter((id) => !gone.includes(id)), ...added].sort()
    assert.deepEqual(await entryIds(store, {}, 97), expected)
    assert.equal(first.next, 'a0699')
    const rest = await store.findEntries('home', { after: first.next, limit: 2 })
    assert.deepEqual(
      rest.items.map(({ entryId }) => entryId),
      ['a0699+', 'a0700'],
    )
  }),

  storeCase('finds the entry with a unique id', async (store) => {
    await write(
      store,
      put(entryRecord({ uniqueId: 'a', reauth: need })),
      put(entryRecord({ entryId: 'entry-2', uniqueId: 'a', domain: 'lamp' })),
      put(entryRecord({ entryId: 'entry-3', uniqueId: 'b' })),
    )
    assert.deepEqual(await entryIds(store, { domain: 'hub', uniqueId: 'a' }), ['entry-1'])
    assert.deepEqual(await entryIds(store, { domain: 'hub', uniqueId: 'none' }), [])
    assert.deepEqual(await entryIds(store, { uniqueId: 'a' }, 1), ['entry-1', 'entry-2'])
    assert.deepEqual(await entryIds(store, { domain: 'hub', uniqueId: 'a', needs: true }), ['entry-1'])
    assert.deepEqual(await entryIds(store, { domain: 'hub', uniqueId: 'a', needs: false }), [])
  }),

  storeCase('finds the entries that need attention', async (store) => {
    await write(
      store,
      put(entryRecord()),
      put(entryRecord({ entryId: 'entry-2', reauth: need })),
      put(entryRecord({ entryId: 'entry-3', migrationError: 'too old', domain: 'lamp' })),
      put(entryRecord({ entryId: 'entry-4', disabled: true })),
    )
    assert.deepEqual(await entryIds(store, { needs: true }, 1), ['entry-2', 'entry-3'])
    assert.deepEqual(await entryIds(store, { needs: true, domain: 'lamp' }), ['entry-3'])
    assert.deepEqual(await entryIds(store, { needs: false }, 1), ['entry-1', 'entry-4'])
    await write(store, put(entryRecord({ entryId: 'entry-2', revision: 2 })))
    await write(store, put(entryRecord({ revision: 2, reauth: need })))
    assert.deepEqual(await entryIds(store, { needs: true }), ['entry-1', 'entry-3'])
    await write(store, { remove: 'entry', id: 'entry-3', ifRevision: 1 })
    assert.deepEqual(await entryIds(store, { needs: true }), ['entry-1'])
  }),

  storeCase('lists flows by id in pages, by entry, domain and whether they are open', async (store) => {
    const ids = shuffled(24)
    for (const [number, flowId] of ids.entries()) {
      const entryId = [null, 'entry-1', 'entry-2'][number % 3] ?? null
      const domain = number % 4 < 2 ? 'hub' : 'lamp'
      await write(store, put(flowRecord({ flowId, entryId, domain, open: number % 2 === 0 })))
    }
    const some = (keep: (number: number) => boolean) => ids.filter((_, number) => keep(number)).sort()
    assert.deepEqual(await flowIds(store, {}), ids.toSorted())
    assert.deepEqual(
      await flowIds(store, { open: true }),
      some((n) => n % 2 === 0),
    )
    assert.deepEqual(
      await flowIds(store, { open: false, domain: 'lamp' }),
      some((n) => n % 4 === 3),
    )
    assert.deepEqual(
      await flowIds(store, { domain: 'hub' }),
      some((n) => n % 4 < 2),
    )
    assert.deepEqual(
      await flowIds(store, { entryId: 'entry-1' }),
      some((n) => n % 3 === 1),
    )
    assert.deepEqual(
      await flowIds(store, { entryId: 'entry-2', open: true, domain: 'hub' }, 1),
      some((n) => n % 3 === 2 && n % 4 === 0),
    )
    assert.deepEqual(await flowIds(store, { entryId: 'none' }), [])
    for (const id of some((n) => n % 3 === 1)) {
      assert.ok((await flowIds(store, { entryId: 'entry-1' })).includes(id))
      await write(store, { remove: 'flow', id, ifRevision: 1 })
    }
    assert.deepEqual(await flowIds(store, { entryId: 'entry-1' }), [])
    assert.deepEqual(
      await flowIds(store, { entryId: 'entry-2' }),
      some((n) => n % 3 === 2),
    )
  }),

  storeCase('updates the lists when a flow ends and is purged', async (store) => {
    await write(store, put(editRecord({ dueAt: 10 })))
    await write(store, put(editRecord({ revision: 2, open: false, dueAt: 20 })))
    assert.deepEqual(await flowIds(store, { open: true }), [])
    assert.deepEqual(await flowIds(store, { entryId: 'entry-1', open: true }), [])
    assert.deepEqual(await flowIds(store, { open: false }), ['flow-1'])
    assert.deepEqual(await store.due(19, 9), [])
    await write(store, { remove: 'flow', id: 'flow-1', ifRevision: 2 })
    assert.equal(await store.getFlow('home', 'flow-1'), undefined)
    assert.deepEqual(await flowIds(store, {}), [])
    assert.deepEqual(await store.due(99, 9), [])
    assert.deepEqual(await store.scopes({ limit: 99 }), [])
  }),

  storeCase('finds the flow that edits an entry', async (store) => {
    await write(
      store,
      put(flowRecord({ flowId: 'flow-1', entryId: 'entry-1', edits: false })),
      put(flowRecord({ flowId: 'flow-2', entryId: 'entry-1', edits: true })),
      put(flowRecord({ flowId: 'flow-3', entryId: 'entry-2', edits: true })),
    )
    assert.deepEqual(await flowIds(store, { entryId: 'entry-1' }), ['flow-1', 'flow-2'])
    assert.deepEqual(await flowIds(store, { entryId: 'entry-1', open: true, edits: true }), ['flow-2'])
  }),

  storeCase('lists due rows of all scopes, the longest overdue first', async (store) => {
    await write(
      store,
      put(flowRecord({ dueAt: 30 })),
      put(flowRecord({ flowId: 'flow-2', dueAt: 10 })),
      put(flowRecord({ flowId: 'flow-3', expiresAt: 1 })),
      put(attemptsRecord({ dueAt: 20 })),
    )
    await store.apply('other', [put(flowRecord({ scope: 'other', dueAt: 15 }))])
    const all = [
      { scope: 'home', kind: 'flow', id: 'flow-2', dueAt: 10 },
      { scope: 'other', kind: 'flow', id: 'flow-1', dueAt: 15 },
      { scope: 'home', kind: 'attempts', id: 'entry-1', dueAt: 20 },
      { scope: 'home', kind: 'flow', id: 'flow-1', dueAt: 30 },
    ]
    assert.deepEqual(await store.due(9, 9), [])
    assert.deepEqual(await store.due(10, 9), all.slice(0, 1))
    assert.deepEqual(await store.due(99, 3), all.slice(0, 3))
    assert.deepEqual(await store.due(99, 9), all)
    assert.deepEqual(await store.due(9, 9, 19), all.slice(2))
    assert.deepEqual(await store.due(10, 2, 19), [all[0], all[2]])
    assert.deepEqual(await store.due(9, 9, 30), [])
    await write(store, put(flowRecord({ flowId: 'flow-2', dueAt: 99, revision: 2 })))
    await write(store, put(attemptsRecord({ dueAt: 5, revision: 2 })))
    await write(store, put(flowRecord({ dueAt: null, revision: 2 })))
    assert.deepEqual(await store.due(98, 9), [{ ...all[2], dueAt: 5 }, all[1]])
    await write(store, { remove: 'attempts', id: 'entry-1', ifRevision: 2 })
    assert.deepEqual(await store.due(98, 9), [all[1]])
  }),

  storeCase('lists a due row once, even if it was written several times', async (store) => {
    for (let revision = 1; revision <= 3000; revision += 2) {
      await write(
        store,
        put(flowRecord({ revision, dueAt: 3000 - revision })),
        put(flowRecord({ revision: revision + 1, dueAt: 7 })),
      )
    }
    assert.deepEqual(await store.due(6, 9), [])
    assert.deepEqual(await store.due(7, 9), [{ scope: 'home', kind: 'flow', id: 'flow-1', dueAt: 7 }])
  }),

  storeCase('moves a cursor only from the position that it has', async ({ cursors }) => {
    assert.equal(await cursors.get('one'), null)
    assert.equal(await cursors.move('one', 4, 5), false)
    assert.equal(await cursors.move('one', null, 1_700_000_000_000), true)
    assert.equal(await cursors.move('one', null, 6), false)
    assert.equal(await cursors.move('one', 1_700_000_000_000, 5), true)
    assert.equal(await cursors.move('one', 1_700_000_000_000, 7), false)
    assert.deepEqual([await cursors.get('one'), await cursors.get('two')], [5, null])
  }),
]
