import assert from 'node:assert/strict'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { entryRecord, flowRecord, put, write } from './store-records.ts'

const heldTaken = { code: 'SLOT_TAKEN', slot: 'held', holder: 'flow-1' }
const exclusiveTaken = { code: 'SLOT_TAKEN', slot: 'exclusive', holder: 'entry-1' }
const idsOf = ({ items }: { readonly items: readonly { readonly entryId: string }[] }): string[] =>
  items.map(({ entryId }) => entryId)

/** The requirements of discoveries: the slots of open flows, the match keys of entries, and ignored entries. */
export const discoveredCases: readonly StoreCase[] = [
  storeCase('lets only one open flow hold a slot, and finds it by the slot', async (store) => {
    const holder = flowRecord({ slot: 'a' })
    await write(store, put(holder))
    await refuses(write(store, put(flowRecord({ flowId: 'flow-2', slot: 'a' }))), heldTaken)
    await write(store, put(flowRecord({ flowId: 'flow-2' })))
    await refuses(write(store, put(flowRecord({ flowId: 'flow-2', slot: 'a', revision: 2 }))), heldTaken)
    await write(store, put(flowRecord({ flowId: 'flow-3', slot: 'A' })))
    await write(store, put(flowRecord({ flowId: 'flow-4', slot: 'a', domain: 'lamp' })))
    await store.apply('other', [put(flowRecord({ scope: 'other', flowId: 'flow-5', slot: 'a' }))])
    assert.deepEqual(await store.getFlowHolding('home', 'hub', 'a'), holder)
    assert.equal((await store.getFlowHolding('home', 'lamp', 'a'))?.flowId, 'flow-4')
    assert.equal((await store.getFlowHolding('other', 'hub', 'a'))?.flowId, 'flow-5')
    assert.equal(await store.getFlowHolding('home', 'hub', 'b'), undefined)
    assert.equal(await store.getFlowHolding('away', 'hub', 'a'), undefined)
  }),

  storeCase('lets a flow keep its slot, and an entry have the same unique id', async (store) => {
    await write(store, put(flowRecord({ slot: 'a' })))
    const moved = flowRecord({ slot: 'a', revision: 2, step: 'challenge' })
    await write(store, put(moved), put(entryRecord({ uniqueId: 'a' })))
    assert.deepEqual(await store.getFlowHolding('home', 'hub', 'a'), moved)
  }),

  storeCase(
    'frees a slot when its flow ends, also for a later write of the same transaction',
    async (store) => {
      const ended = flowRecord({ slot: 'a', revision: 2, open: false, step: 'abort' })
      const next = flowRecord({ flowId: 'flow-2', slot: 'a' })
      await write(store, put(flowRecord({ slot: 'a' })))
      await refuses(write(store, put(next), put(ended)), heldTaken)
      await write(store, put(ended), put(next))
      assert.deepEqual(await store.getFlowHolding('home', 'hub', 'a'), next)
      await refuses(write(store, put({ ...ended, open: true, revision: 3 })), {
        ...heldTaken,
        holder: 'flow-2',
      })
      await write(store, { remove: 'flow', id: 'flow-2', ifRevision: 1 })
      assert.equal(await store.getFlowHolding('home', 'hub', 'a'), undefined)
    },
  ),

  storeCase('lets one of many concurrent discoveries hold a slot', async (store) => {
    const tries = Array.from({ length: 40 }, (_, number) =>
      write(store, put(flowRecord({ flowId: `flow-${number}`, slot: 'a' }))),
    )
    const settled = await Promise.allSettled(tries)
    const winner = settled.findIndex(({ status }) => status === 'fulfilled')
    const losers = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    assert.equal(losers.length, 39)
    for (const error of losers) assert.equal(error.holder, `flow-${winner}`)
  }),

  storeCase('lets only one entry have a match key, and finds it by the key', async (store) => {
    const first = entryRecord({ matchKey: 'x' })
    await write(store, put(first))
    await refuses(write(store, put(entryRecord({ entryId: 'entry-2', matchKey: 'x' }))), exclusiveTaken)
    await write(store, put(entryRecord({ entryId: 'entry-2', matchKey: 'y', uniqueId: 'a' })))
    const moved = entryRecord({ entryId: 'entry-2', matchKey: 'x', revision: 2 })
    await refuses(write(store, put(moved)), exclusiveTaken)
    await write(store, put(entryRecord({ entryId: 'entry-3', matchKey: 'x', domain: 'lamp' })))
    await store.apply('other', [put(entryRecord({ scope: 'other', matchKey: 'x' }))])
    const find = (query: object) => store.findEntries('home', { limit: 9, ...query })
    assert.deepEqual((await find({ domain: 'hub', matchKey: 'x' })).items, [first])
    assert.deepEqual(idsOf(await find({ matchKey: 'x' })), ['entry-1', 'entry-3'])
    assert.deepEqual(idsOf(await find({ domain: 'hub', matchKey: 'z' })), [])
    assert.deepEqual(idsOf(await find({ domain: 'hub', matchKey: 'y', uniqueId: 'a' })), ['entry-2'])
    assert.deepEqual(idsOf(await find({ domain: 'hub', matchKey: 'x', uniqueId: 'a' })), [])
    assert.deepEqual(idsOf(await find({ domain: 'hub', matchKey: 'x', needs: true })), [])
  }),

  storeCase('frees a match key when its entry is removed or changes it', async (store) => {
    const second = entryRecord({ entryId: 'entry-2', matchKey: 'x' })
    await write(store, put(entryRecord({ matchKey: 'x' })))
    await write(store, put(entryRecord({ matchKey: 'y', revision: 2 })), put(second))
    await write(
      store,
      { remove: 'entry', id: 'entry-2', ifRevision: 1 },
      put({ ...second, entryId: 'entry-3' }),
    )
    const { items } = await store.findEntries('home', { domain: 'hub', matchKey: 'x', limit: 9 })
    assert.deepEqual(items, [{ ...second, entryId: 'entry-3' }])
  }),

  storeCase('lists ignored entries separately, and no entry twice', async (store) => {
    const ignored = { ignored: true, disabled: true }
    await write(
      store,
      put(entryRecord()),
      put(entryRecord({ entryId: 'entry-2', uniqueId: 'a', ...ignored })),
      put(entryRecord({ entryId: 'entry-3', ignored: false })),
      put(entryRecord({ entryId: 'entry-4', domain: 'lamp', ...ignored })),
    )
    const find = async (query: object) => idsOf(await store.findEntries('home', { limit: 9, ...query }))
    assert.deepEqual(await find({}), ['entry-1', 'entry-2', 'entry-3', 'entry-4'])
    assert.deepEqual(await find({ ignored: true }), ['entry-2', 'entry-4'])
    assert.deepEqual(await find({ ignored: false }), ['entry-1', 'entry-3'])
    assert.deepEqual(await find({ ignored: true, domain: 'hub' }), ['entry-2'])
    assert.deepEqual(await find({ ignored: false, domain: 'hub', needs: false }), ['entry-1', 'entry-3'])
    assert.deepEqual(await find({ ignored: true, domain: 'hub', uniqueId: 'a' }), ['entry-2'])
    assert.deepEqual(await find({ ignored: false, domain: 'hub', uniqueId: 'a' }), [])
    await write(store, put(entryRecord({ entryId: 'entry-2', uniqueId: 'a', revision: 2 })))
    assert.deepEqual(await find({ ignored: true }), ['entry-4'])
  }),

  storeCase('counts a proposal as a need until it is dismissed', async (store) => {
    const proposal = { since: 1, values: { host: 'new' }, dismissed: false }
    const needing = async () => idsOf(await store.findEntries('home', { needs: true, limit: 9 }))
    await write(store, put(entryRecord({ proposal })))
    assert.deepEqual(await needing(), ['entry-1'])
    await write(store, put(entryRecord({ proposal: { ...proposal, dismissed: true }, revision: 2 })))
    assert.deepEqual(await needing(), [])
    await write(store, put(entryRecord({ proposal, revision: 3 })))
    await write(store, put(entryRecord({ proposal: null, revision: 4 })))
    assert.deepEqual(await needing(), [])
  }),
]
