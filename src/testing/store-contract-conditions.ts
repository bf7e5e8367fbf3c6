import assert from 'node:assert/strict'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { attemptsRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

/** The requirements of rows without their records, and of the conditions of a transaction. */
export const conditionCases: readonly StoreCase[] = [
  storeCase('reads the identity of a row without its record', async (store) => {
    const asked = { principal: 'ada', key: 'k', request: 'r' }
    const flow = flowRecord({ entryId: 'entry-1', slot: 'account:a', asked, dueAt: 5 })
    await write(store, put(entryRecord({ uniqueId: 'a' })), put(flow), put(attemptsRecord()))
    const { scope, flowId, domain, entryId, slot, open, edits, dueAt, revision } = flow
    const row = await store.getFlowRow('home', flowId)
    const identity = { scope, flowId, domain, entryId, slot, open, edits, dueAt, revision }
    assert.partialDeepStrictEqual(row, { ...identity, asked: { principal: 'ada', key: 'k' } })
    const entry = { scope: 'home', entryId: 'entry-1', domain, revision: 1 }
    assert.partialDeepStrictEqual(await store.getEntryRow('home', 'entry-1'), entry)
    const attempts = { scope: 'home', key: 'entry-1', revision: 1, dueAt: attemptsRecord().dueAt }
    assert.partialDeepStrictEqual(await store.getAttemptsRow('home', 'entry-1'), attempts)
    for (const scope of ['home', 'office']) {
      assert.equal(await store.getFlowRow(scope, 'none'), undefined)
      assert.equal(await store.getEntryRow(scope, 'none'), undefined)
      assert.equal(await store.getAttemptsRow(scope, 'none'), undefined)
    }
  }),

  storeCase('writes only if the entry has the revision that a condition names', async (store) => {
    const check = (ifRevision: number) => ({ check: 'entry', id: 'entry-1', ifRevision }) as const
    await write(store, check(0), put(entryRecord()))
    await write(store, check(1), put(flowRecord({ entryId: 'entry-1' })))
    for (const ifRevision of [0, 2]) {
      const changed = { code: 'REVISION_CONFLICT', kind: 'entry', id: 'entry-1' }
      await refuses(write(store, put(flowRecord({ flowId: 'flow-2' })), check(ifRevision)), changed)
    }
    assert.equal(await store.getFlow('home', 'flow-2'), undefined)
    await store.apply('office', [{ check: 'entry', id: 'entry-1', ifRevision: 0 }])
  }),

  storeCase(
    'writes only if the entry has no open flow except those that a condition names',
    async (store) => {
      const check = (...open: string[]) => ({ check: 'flows', entryId: 'entry-1', open }) as const
      const one = flowRecord({ flowId: 'flow-1', entryId: 'entry-1' })
      await write(store, check(), put(one), put(flowRecord({ flowId: 'flow-2', entryId: 'entry-2' })))
      const opened = { code: 'REVISION_CONFLICT', kind: 'flow', id: 'flow-1' }
      await refuses(write(store, put(entryRecord()), check('flow-3')), opened)
      assert.equal(await store.getEntry('home', 'entry-1'), undefined)
      await write(store, check('flow-1', 'flow-3'), put({ ...one, open: false, revision: 2 }))
      await write(store, check(), put(entryRecord()))
    },
  ),
]
