import assert from 'node:assert/strict'
import { LatchkeyError } from '../errors.ts'
import type { Store, Write } from '../ports/store.ts'
import { type SharedStoreCase, sharedStoreCase } from './shared-store-case.ts'
import { refuses } from './store-case.ts'
import { attemptsRecord, auditRow, editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const LANES = 8
const STEPS = 25

/** The requirements of writes by two stores: revisions, conditions, order, and the end of one of them. */
export const sharedWriteCases: readonly SharedStoreCase[] = [
  sharedStoreCase('reads each record and list that the other store has written', async (first, second) => {
    const entry = entryRecord({ uniqueId: 'a', matchKey: 'm', expiresAt: 50 })
    const asked = { principal: 'ada', key: 'k', request: 'r' }
    const flow = flowRecord({ asked, slot: 'account:b', dueAt: 10 })
    const attempts = attemptsRecord()
    await write(first, put(entry), put(flow), put(attempts), { audit: auditRow() })
    assert.deepEqual(await second.getEntry('home', 'entry-1'), entry)
    assert.deepEqual(await second.getFlow('home', 'flow-1'), flow)
    assert.deepEqual(await second.getAttempts('home', 'entry-1'), attempts)
    assert.deepEqual(await second.getFlowAsked('home', 'ada', 'k'), flow)
    assert.deepEqual(await second.getFlowHolding('home', 'hub', 'account:b'), flow)
    for (const query of [{}, { domain: 'hub', uniqueId: 'a' }, { domain: 'hub', matchKey: 'm' }])
      assert.deepEqual((await second.findEntries('home', { ...query, limit: 9 })).items, [entry])
    assert.deepEqual((await second.findFlows('home', { open: true, limit: 9 })).items, [flow])
    assert.deepEqual((await second.readAudit('home', 'entry-1', { limit: 9 })).items, [auditRow()])
    assert.deepEqual(await second.findExpiring(0, 50), [{ scope: 'home', entryId: 'entry-1' }])
    const due = (await second.due(100, 9)).map(({ kind, id }) => [kind, id])
    assert.deepEqual(due, [
      ['flow', 'flow-1'],
      ['attempts', 'entry-1'],
    ])
    assert.equal(await second.countOpenFlows('home', 9), 1)
    await write(second, { remove: 'flow', id: 'flow-1', ifRevision: 1 })
    assert.equal(await first.getFlow('home', 'flow-1'), undefined)
    assert.equal(await first.countOpenFlows('home', 9), 0)
  }),

  sharedStoreCase('encrypts for each other', async (first, second) => {
    if (first.cipher === undefined || second.cipher === undefined) return
    const context = {
      purpose: 'entry',
      scope: 'home',
      id: 'entry-1',
      domain: 'hub',
      uniqueId: null,
      data: {},
    } as const
    const sealed = await first.cipher.seal('token', context)
    assert.equal(await second.cipher.open(sealed, context), 'token')
  }),

  sharedStoreCase('lets one of two writes of the same revision win', async (first, second) => {
    await write(first, put(entryRecord()), put(flowRecord()), put(attemptsRecord()))
    for (let revision = 2; revision < 22; revision++) {
      for (const make of [entryRecord, flowRecord, attemptsRecord]) {
        const tries = [first, second].map((store) => write(store, put(make({ revision }))))
        const settled = await Promise.allSettled(tries)
        assert.deepEqual(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
        const lost = settled.find((one) => one.status === 'rejected')
        assert.equal(lost?.reason.code, 'REVISION_CONFLICT')
      }
    }
    assert.equal((await first.getEntry('home', 'entry-1'))?.revision, 21)
  }),

  sharedStoreCase('loses no update of many that read, add one and write', async (first, second) => {
    await write(first, put(entryRecord({ options: { count: 0 } })))
    const lane = async (store: Store) => {
      for (let done = 0; done < STEPS; ) {
        const entry = await store.getEntry('home', 'entry-1')
        assert.ok(entry)
        const options = { count: Number(entry.options.count) + 1 }
        const written = write(store, put({ ...entry, options, revision: entry.revision + 1 }))
        done += await written.then(
          () => 1,
          (error: unknown) => conflicted(error),
        )
      }
    }
    await Promise.all(Array.from({ length: LANES }, (_, at) => lane(at % 2 === 0 ? first : second)))
    const entry = await second.getEntry('home', 'entry-1')
    assert.deepEqual(entry?.options, { count: LANES * STEPS })
    assert.equal(entry?.revision, LANES * STEPS + 1)
  }),

  sharedStoreCase('writes the same records in opposite orders without a deadlock', async (first, second) => {
    const ids = Array.from({ length: 20 }, (_, at) => `entry-${at}`)
    await write(first, ...ids.map((entryId) => put(entryRecord({ entryId }))))
    const changes = (title: string, revision: number) =>
      ids.map((entryId) => put(entryRecord({ entryId, title, revision })))
    for (let round = 0; round < STEPS; round++) {
      const revision = Number((await first.getEntry('home', 'entry-0'))?.revision) + 1
      const settled = await Promise.allSettled([
        write(first, ...changes('first', revision)),
        write(second, ...changes('second', revision).reverse()),
      ])
      for (const one of settled) if (one.status === 'rejected') conflicted(one.reason)
      const { items } = await first.findEntries('home', { limit: 20 })
      // All or nothing: the records are all of one of them.
      assert.equal(new Set(items.map(({ title }) => title)).size, 1)
      assert.equal(new Set(items.map((item) => item.revision)).size, 1)
      assert.ok(settled.some(({ status }) => status === 'fulfilled'))
    }
  }),

  sharedStoreCase('writes nothing if the other store has changed a checked record', async (first, second) => {
    await write(first, put(entryRecord()))
    await write(second, put(entryRecord({ revision: 2 })))
    const checked: Write = { check: 'entry', id: 'entry-1', ifRevision: 1 }
    await refuses(write(first, checked, put(flowRecord())), { code: 'REVISION_CONFLICT', id: 'entry-1' })
    await write(second, put(editRecord({ flowId: 'flow-2' })))
    const leaving: Write = { check: 'flows', entryId: 'entry-1', open: [] }
    await refuses(write(first, leaving, { remove: 'entry', id: 'entry-1', ifRevision: 2 }), {
      code: 'REVISION_CONFLICT',
      id: 'flow-2',
    })
    assert.equal((await first.getEntry('home', 'entry-1'))?.revision, 2)
    assert.equal(await first.getFlow('home', 'flow-1'), undefined)
  }),

  sharedStoreCase(
    'removes an entry or opens its flow, but not both, when two stores try',
    async (first, second) => {
      for (let round = 0; round < STEPS; round++) {
        const [entryId, flowId] = [`entry-${round}`, `flow-${round}`]
        await write(first, put(entryRecord({ entryId })))
        const removes: Write[] = [
          { remove: 'entry', id: entryId, ifRevision: 1 },
          { check: 'flows', entryId, open: [] },
        ]
        const opens: Write[] = [
          put(editRecord({ flowId, entryId })),
          { check: 'entry', id: entryId, ifRevision: 1 },
        ]
        await Promise.allSettled([write(first, ...removes), write(second, ...opens)])
        const entry = await second.getEntry('home', entryId)
        const flow = await first.getFlow('home', flowId)
        assert.equal(entry === undefined, flow === undefined, `entry ${entry}, flow ${flow}`)
      }
    },
  ),

  sharedStoreCase(
    'continues when the other store is closed, and finishes its writes',
    async (first, second) => {
      const ids = Array.from({ length: 50 }, (_, at) => `entry-${at}`)
      const mine = ids.map((id) => write(first, put(entryRecord({ entryId: `first ${id}` }))))
      const others = ids.map((id) => write(second, put(entryRecord({ entryId: `second ${id}` }))))
      await Promise.all([first.close(), ...mine, ...others])
      await write(second, put(entryRecord({ entryId: 'third' })))
      assert.equal((await second.findEntries('home', { limit: 200 })).items.length, 101)
      await first.open()
      assert.equal((await first.findEntries('home', { limit: 200 })).items.length, 101)
      await write(first, put(entryRecord({ entryId: 'third', revision: 2 })))
      assert.equal((await second.getEntry('home', 'third'))?.revision, 2)
    },
  ),
]

/** Expects a conflict. @returns 0, the number of written records */
function conflicted(error: unknown): 0 {
  assert.ok(error instanceof LatchkeyError && error.code === 'REVISION_CONFLICT', String(error))
  return 0
}
