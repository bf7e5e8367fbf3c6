import assert from 'node:assert/strict'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const identityTaken = { code: 'SLOT_TAKEN', slot: 'identity', holder: 'entry-1' }
const editTaken = { code: 'SLOT_TAKEN', slot: 'edit', holder: 'flow-1' }

/** The requirements of the unique slots: one entry per account, one edit at a time. */
export const slotCases: readonly StoreCase[] = [
  storeCase('allows one entry per unique id, and names the existing one', async (store) => {
    await write(store, put(entryRecord({ uniqueId: 'a' })))
    await refuses(write(store, put(entryRecord({ entryId: 'entry-2', uniqueId: 'a' }))), identityTaken)
    assert.equal(await store.getEntry('home', 'entry-2'), undefined)
    await write(store, put(entryRecord({ entryId: 'entry-2', uniqueId: 'b' })))
    const moved = entryRecord({ entryId: 'entry-2', uniqueId: 'a', revision: 2 })
    await refuses(write(store, put(moved)), identityTaken)
    assert.equal((await store.getEntry('home', 'entry-2'))?.uniqueId, 'b')
  }),

  storeCase('distinguishes unique ids by domain and by case', async (store) => {
    await write(
      store,
      put(entryRecord({ uniqueId: 'a' })),
      put(entryRecord({ entryId: 'entry-2', uniqueId: 'A' })),
      put(entryRecord({ entryId: 'entry-3', uniqueId: 'a ' })),
      put(entryRecord({ entryId: 'entry-4', uniqueId: 'a', domain: 'lamp' })),
    )
    const { items } = await store.findEntries('home', { domain: 'lamp', uniqueId: 'a', limit: 9 })
    assert.deepEqual(
      items.map(({ entryId }) => entryId),
      ['entry-4'],
    )
  }),

  storeCase('allows any number of entries without a unique id', async (store) => {
    await write(store, put(entryRecord()), put(entryRecord({ entryId: 'entry-2' })))
    await write(store, put(entryRecord({ entryId: 'entry-3' })))
    assert.equal((await store.findEntries('home', { limit: 9 })).items.length, 3)
  }),

  storeCase('frees a unique id when its entry is removed', async (store) => {
    const second = entryRecord({ entryId: 'entry-2', uniqueId: 'a' })
    await write(store, put(entryRecord({ uniqueId: 'a' })))
    await write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 })
    await write(store, put(second))
    await write(store, { remove: 'entry', id: 'entry-2', ifRevision: 1 }, put(entryRecord({ uniqueId: 'a' })))
    await write(store, put(entryRecord({ uniqueId: 'b', revision: 2 })), put(second))
    const { items } = await store.findEntries('home', { domain: 'hub', uniqueId: 'a', limit: 9 })
    assert.deepEqual(items, [second])
  }),

  storeCase('lets an entry keep its own unique id', async (store) => {
    await write(store, put(entryRecord({ uniqueId: 'a' })))
    await write(store, put(entryRecord({ uniqueId: 'a', revision: 2, title: 'Renamed' })))
    const { items } = await store.findEntries('home', { domain: 'hub', uniqueId: 'a', limit: 9 })
    assert.equal(items[0]?.title, 'Renamed')
  }),

  storeCase('reports a revision conflict before a taken slot', async (store) => {
    await write(store, put(entryRecord({ uniqueId: 'a' })), put(editRecord()))
    await write(store, put(entryRecord({ entryId: 'entry-2', uniqueId: 'b' })))
    const rival = { entryId: 'entry-2', uniqueId: 'a' }
    await refuses(write(store, put(entryRecord(rival))), { code: 'REVISION_CONFLICT', id: 'entry-2' })
    await refuses(write(store, put(entryRecord({ ...rival, revision: 3 }))), { code: 'REVISION_CONFLICT' })
    await refuses(write(store, put(editRecord({ flowId: 'flow-2', revision: 2 }))), {
      code: 'REVISION_CONFLICT',
    })
  }),

  storeCase('allows one open flow to edit an entry, and names the existing one', async (store) => {
    await write(store, put(editRecord()))
    await refuses(write(store, put(editRecord({ flowId: 'flow-2', source: 'reconfigure' }))), editTaken)
    await write(store, put(flowRecord({ flowId: 'flow-3', entryId: 'entry-1' })))
    await refuses(write(store, put(editRecord({ flowId: 'flow-3', revision: 2 }))), editTaken)
    await write(store, put(editRecord({ flowId: 'flow-4', entryId: 'entry-2' })))
    await store.apply('other', [put(editRecord({ scope: 'other', flowId: 'flow-5' }))])
    await write(store, put(editRecord({ revision: 2, step: 'challenge' })))
    assert.equal((await store.getFlow('home', 'flow-3'))?.edits, false)
  }),

  storeCase(
    'frees the edit slot when its flow ends, also for a later write of the same transaction',
    async (store) => {
      const tombstone = editRecord({ revision: 2, open: false, step: 'abort' })
      const next = editRecord({ flowId: 'flow-2', source: 'reconfigure' })
      await write(store, put(editRecord()))
      await write(store, put(tombstone), put(next))
      const { items } = await store.findFlows('home', { entryId: 'entry-1', open: true, limit: 9 })
      assert.deepEqual(items, [next])
      await write(
        store,
        { remove: 'flow', id: 'flow-2', ifRevision: 1 },
        put(editRecord({ flowId: 'flow-3' })),
      )
      const ended = await store.findFlows('home', { entryId: 'entry-1', open: false, limit: 9 })
      assert.deepEqual(ended.items, [tombstone])
      await refuses(write(store, put({ ...tombstone, open: true, revision: 3 })), {
        ...editTaken,
        holder: 'flow-3',
      })
    },
  ),

  storeCase('rejects a slot whose flow ends only later in the transaction', async (store) => {
    const tombstone = editRecord({ revision: 2, open: false })
    await write(store, put(editRecord()))
    await refuses(write(store, put(editRecord({ flowId: 'flow-2' })), put(tombstone)), editTaken)
    assert.deepEqual(await store.getFlow('home', 'flow-1'), editRecord())
  }),

  storeCase('lets one of many concurrent flows take the edit slot', async (store) => {
    const tries = Array.from({ length: 40 }, (_, number) =>
      write(store, put(editRecord({ flowId: `flow-${number}` }))),
    )
    const settled = await Promise.allSettled(tries)
    const winner = settled.findIndex(({ status }) => status === 'fulfilled')
    const losers = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    assert.equal(losers.length, 39)
    for (const error of losers) assert.equal(error.holder, `flow-${winner}`)
  }),

  storeCase('counts the open flows without an edit slot', async (store) => {
    const count = () => store.countOpenFlows('home', 99)
    assert.equal(await count(), 0)
    await write(store, put(flowRecord()), put(flowRecord({ flowId: 'flow-2' })))
    await write(store, put(editRecord({ flowId: 'flow-3' })))
    await write(store, put(flowRecord({ flowId: 'flow-4', open: false })))
    assert.equal(await count(), 2)
    assert.equal(await store.countOpenFlows('home', 1), 1)
    assert.equal(await store.countOpenFlows('home', 2), 2)
    await write(store, put(flowRecord({ revision: 2, step: 'challenge' })))
    assert.equal(await count(), 2)
    await write(store, put(flowRecord({ revision: 3, open: false })))
    await write(store, put(editRecord({ flowId: 'flow-3', revision: 2, open: false })))
    assert.equal(await count(), 1)
    await write(store, put(flowRecord({ revision: 4 })))
    assert.equal(await count(), 2)
    await write(store, put(editRecord({ revision: 5 })))
    assert.equal(await count(), 1)
    await write(store, { remove: 'flow', id: 'flow-1', ifRevision: 5 })
    await write(store, { remove: 'flow', id: 'flow-2', ifRevision: 1 })
    await write(store, { remove: 'flow', id: 'flow-4', ifRevision: 1 })
    assert.equal(await count(), 0)
  }),

  storeCase('finds the flow of an idempotency key, and allows only one per key', async (store) => {
    const asked = { principal: 'ada', key: 'k', request: 'r' }
    const first = flowRecord({ asked })
    await write(store, put(first), put(flowRecord({ flowId: 'flow-9' })))
    assert.deepEqual(await store.getFlowAsked('home', 'ada', 'k'), first)
    for (const [scope, principal, key] of [
      ['other', 'ada', 'k'],
      ['home', 'eve', 'k'],
      ['home', 'ada', 'K'],
    ] as const)
      assert.equal(await store.getFlowAsked(scope, principal, key), undefined)
    await refuses(write(store, put(flowRecord({ flowId: 'flow-2', asked }))), {
      code: 'SLOT_TAKEN',
      slot: 'asked',
      holder: 'flow-1',
    })
    const ended = flowRecord({ asked, revision: 2, open: false })
    await write(
      store,
      put(ended),
      put(flowRecord({ flowId: 'flow-3', asked: { ...asked, principal: 'eve' } })),
    )
    assert.deepEqual(await store.getFlowAsked('home', 'ada', 'k'), ended)
    await write(
      store,
      { remove: 'flow', id: 'flow-1', ifRevision: 2 },
      put(flowRecord({ flowId: 'flow-2', asked })),
    )
    assert.equal((await store.getFlowAsked('home', 'ada', 'k'))?.flowId, 'flow-2')
  }),
]
