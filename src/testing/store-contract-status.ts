import assert from 'node:assert/strict'
import type { EntryQuery } from '../ports/store.ts'
import type { StoreCase } from './store-case.ts'
import { storeCase } from './store-case.ts'
import { entryIds, flowIds } from './store-contract-lists.ts'
import { editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const need = { since: 1, reason: 'invalid_auth' } as const

/** The requirements of the status of entries, and of flows without an edit slot. */
export const statusCases: readonly StoreCase[] = [
  storeCase('lists entries by status, and counts them', async (store) => {
    const failure = { reason: 'cannot_connect', since: 1, tries: 1, retryAt: 9 }
    const counts = (expiringUntil = 0, atMost = 100) => store.countEntries('home', { expiringUntil, atMost })
    const none = { all: 0, ignored: 0, disabled: 0, waiting: 0, offline: 0, attention: 0 }
    assert.deepEqual(await counts(), none)
    await write(
      store,
      put(entryRecord({ entryId: 'a', setupFailure: failure })),
      put(entryRecord({ entryId: 'b', domain: 'lamp', setupFailure: { ...failure, retryAt: null } })),
      put(entryRecord({ entryId: 'c', setupFailure: failure, disabled: true })),
      put(entryRecord({ entryId: 'd', disabled: true, ignored: true })),
      put(entryRecord({ entryId: 'e', reauth: need, rejectedRevision: 1 })),
      put(entryRecord({ entryId: 'f', domain: 'lamp', migrationError: 'too old' })),
      put(entryRecord({ entryId: 'g', reauth: need })),
      put(entryRecord({ entryId: 'h', expiresAt: 50 })),
      put(entryRecord({ entryId: 'i', expiresAt: 50, disabled: true })),
      put(entryRecord({ entryId: 'j', domain: 'lamp', reauth: need, disabled: true })),
    )
    await store.apply('away', [put(entryRecord({ scope: 'away', setupFailure: failure }))])
    const found = (query: Omit<EntryQuery, 'after' | 'limit'>) => entryIds(store, query, 1)
    assert.deepEqual(await found({ status: 'offline' }), ['a', 'b'])
    assert.deepEqual(await found({ status: 'disabled' }), ['c', 'i', 'j'])
    assert.deepEqual(await found({ status: 'ignored' }), ['d'])
    assert.deepEqual(await found({ status: 'waiting' }), ['e', 'f'])
    assert.deepEqual(await found({ status: 'waiting', domain: 'lamp' }), ['f'])
    assert.deepEqual(await found({ status: 'disabled', domain: 'none' }), [])
    const all = { all: 10, ignored: 1, disabled: 3, waiting: 2, offline: 2, attention: 4 }
    assert.deepEqual(await counts(), all)
    assert.deepEqual(await counts(50), { ...all, attention: 5 })
    assert.equal((await counts(50, 1)).all > 0, true)
    await write(store, put(entryRecord({ entryId: 'a', revision: 2 })), {
      remove: 'entry',
      id: 'j',
      ifRevision: 1,
    })
    assert.deepEqual(await found({ status: 'offline' }), ['b'])
    assert.deepEqual(await counts(), { ...all, all: 9, disabled: 2, offline: 1 })
  }),

  storeCase('lists open flows without an edit slot', async (store) => {
    await write(
      store,
      put(entryRecord()),
      put(editRecord({ flowId: 'a' })),
      put(flowRecord({ flowId: 'b' })),
      put(flowRecord({ flowId: 'c', domain: 'lamp' })),
      put(flowRecord({ flowId: 'd', open: false })),
    )
    assert.deepEqual(await flowIds(store, { open: true, edits: false }, 1), ['b', 'c'])
    assert.deepEqual(await flowIds(store, { open: true, edits: false, domain: 'lamp' }, 1), ['c'])
    assert.deepEqual(await flowIds(store, { open: true }, 2), ['a', 'b', 'c'])
  }),
]
