import assert from 'node:assert/strict'
import type { SlotTakenError } from '../errors.ts'
import type { EntryRecord, FlowRecord } from '../ports/store.ts'
import { type SharedStoreCase, sharedStoreCase } from './shared-store-case.ts'
import { refuses } from './store-case.ts'
import { editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const RIVALS = 20

/** Each slot, with a record that needs it. */
const slots: readonly {
  readonly slot: SlotTakenError['slot']
  readonly needs: string
  readonly record: (id: string) => EntryRecord | FlowRecord
}[] = [
  {
    slot: 'identity',
    needs: 'unique id',
    record: (entryId) => entryRecord({ entryId, uniqueId: 'a' }),
  },
  {
    slot: 'exclusive',
    needs: 'match key',
    record: (entryId) => entryRecord({ entryId, uniqueId: entryId, matchKey: 'm' }),
  },
  { slot: 'edit', needs: 'edit of an entry', record: (flowId) => editRecord({ flowId }) },
  { slot: 'held', needs: 'slot of a flow', record: (flowId) => flowRecord({ flowId, slot: 'account:a' }) },
  {
    slot: 'asked',
    needs: 'idempotency key',
    record: (flowId) => flowRecord({ flowId, asked: { principal: 'ada', key: 'k', request: 'r' } }),
  },
]

/** The requirements of the unique slots with two stores: one holder, and the losers learn its id. */
export const sharedSlotCases: readonly SharedStoreCase[] = slots.flatMap(({ slot, needs, record }) => [
  sharedStoreCase(`gives one ${needs} to one of many writes of two stores`, async (first, second) => {
    for (let round = 0; round < 5; round++) {
      const ids = Array.from({ length: RIVALS }, (_, at) => `${round}-${at}`)
      const tries = ids.map((id, at) => write(at % 2 === 0 ? first : second, put(record(id))))
      const settled = await Promise.allSettled(tries)
      const winners = ids.filter((_, at) => settled[at]?.status === 'fulfilled')
      assert.equal(winners.length, 1)
      const losers = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      for (const { code, slot: taken, holder } of losers)
        assert.deepEqual({ code, taken, holder }, { code: 'SLOT_TAKEN', taken: slot, holder: winners[0] })
      const [id = ''] = winners
      const remove = 'flowId' in record(id) ? 'flow' : 'entry'
      await write(round % 2 === 0 ? second : first, { remove, id, ifRevision: 1 })
    }
  }),

  sharedStoreCase(`frees one ${needs} for the other store`, async (first, second) => {
    await write(first, put(record('one')))
    const taken = { code: 'SLOT_TAKEN', slot, holder: 'one' }
    await refuses(write(second, put(record('two'))), taken)
    const remove = 'flowId' in record('one') ? 'flow' : 'entry'
    await write(first, { remove, id: 'one', ifRevision: 1 })
    await write(second, put(record('two')))
    await refuses(write(first, put(record('one'))), { ...taken, holder: 'two' })
  }),
])
