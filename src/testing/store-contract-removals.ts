import assert from 'node:assert/strict'
import type { RemovalRecord } from '../ports/removals.ts'
import type { Write } from '../ports/store.ts'
import type { StoreCase } from './store-case.ts'
import { pages, refuses, storeCase } from './store-case.ts'
import { entryRecord, put, write } from './store-records.ts'

/** Creates a complete removal. */
function removalRecord(changes: Partial<RemovalRecord> = {}): RemovalRecord {
  return { scope: 'home', id: 'row-1', content: { domain: 'hub' }, dueAt: 5, revision: 1, ...changes }
}

const putRemoval = (changes: Partial<RemovalRecord> = {}): Write => {
  const record = removalRecord(changes)
  return { put: 'removal', record, ifRevision: record.revision - 1 }
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id)

/** The requirements of removals. */
export const removalCases: readonly StoreCase[] = [
  storeCase('lists a scope that has only a removal', async (store) => {
    const scopes = () => store.scopes({ limit: 9 })
    await write(store, putRemoval())
    assert.deepEqual(await scopes(), ['home'])
    await write(store, { remove: 'removal', id: 'row-1', ifRevision: 1 })
    assert.deepEqual(await scopes(), [])
  }),

  storeCase('stores removals by scope', async (store) => {
    const { removals } = store
    const first = removalRecord({ id: 'constructor' })
    await write(store, putRemoval(first), putRemoval({ id: 'b' }), putRemoval({ id: 'a' }))
    await store.apply('away', [putRemoval({ scope: 'away', id: 'z' })])
    const read = await removals.get('home', 'constructor')
    assert.deepEqual(read, first)
    assert.ok(Object.isFrozen(read?.content))
    assert.equal(await removals.get('away', 'constructor'), undefined)
    assert.equal(await removals.get('home', '__proto__'), undefined)
    const listed = await pages((after) => removals.list('home', { ...after, limit: 2 }))
    assert.deepEqual(listed.map(idsOf), [['a', 'b'], ['constructor']])
    assert.deepEqual((await removals.list('nowhere', { limit: 9 })).items, [])
  }),

  storeCase('replaces only the expected revision (removal)', async (store) => {
    const conflict = { code: 'REVISION_CONFLICT', kind: 'removal', id: 'row-1' }
    const removed = (ifRevision: number) => write(store, { remove: 'removal', id: 'row-1', ifRevision })
    await refuses(write(store, putRemoval({ revision: 2 })), conflict)
    await refuses(removed(0), conflict)
    await write(store, putRemoval())
    await refuses(write(store, putRemoval()), conflict)
    await write(store, putRemoval({ revision: 2, dueAt: 3 }))
    await refuses(write(store, putRemoval({ revision: 2 })), conflict)
    assert.deepEqual(await store.removals.due(4, 9).then(idsOf), ['row-1'])
    await refuses(removed(1), conflict)
    await removed(2)
    await refuses(removed(2), conflict)
    assert.equal(await store.removals.get('home', 'row-1'), undefined)
    assert.deepEqual(await store.removals.due(9, 9), [])
  }),

  storeCase('writes a removal with the entry that it removes, or none', async (store) => {
    await write(store, put(entryRecord()), putRemoval({ id: 'old' }))
    const remove = { remove: 'entry', id: 'entry-1', ifRevision: 1 } as const
    await refuses(write(store, remove, putRemoval(), putRemoval({ id: 'old' })), {
      code: 'REVISION_CONFLICT',
    })
    assert.equal(await store.removals.get('home', 'row-1'), undefined)
    assert.deepEqual(await store.getEntry('home', 'entry-1'), entryRecord())
    await refuses(store.apply('away', [putRemoval()]), { code: 'STORE' })
    await write(store, remove, putRemoval())
    assert.equal(await store.getEntry('home', 'entry-1'), undefined)
    assert.deepEqual(await store.removals.get('home', 'row-1'), removalRecord())
  }),

  storeCase('lists the due removals of all scopes, the longest overdue first', async (store) => {
    await write(store, putRemoval({ id: 'late', dueAt: 8 }))
    await store.apply('away', [putRemoval({ scope: 'away', id: 'early', dueAt: 2 })])
    await write(store, putRemoval({ id: 'ahead', dueAt: 1_000 }), putRemoval({ id: 'wrong', dueAt: 9_000 }))
    const rows = await store.removals.due(8, 9)
    assert.deepEqual(
      rows.map(({ scope, id, revision }) => [scope, id, revision]),
      [
        ['away', 'early', 1],
        ['home', 'late', 1],
      ],
    )
    assert.deepEqual(idsOf(await store.removals.due(8, 1)), ['early'])
    assert.deepEqual(idsOf(await store.removals.due(7, 9)), ['early'])
    assert.deepEqual(idsOf(await store.removals.due(8, 9, 5_000)), ['early', 'late', 'wrong'])
    assert.deepEqual(idsOf(await store.removals.due(8, 2, 5_000)), ['early', 'late'])
    assert.deepEqual(await store.due(9_999, 9), [])
  }),
]
