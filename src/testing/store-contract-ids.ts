import assert from 'node:assert/strict'
import type { Write } from '../ports/store.ts'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { attemptsRecord, auditRow, entryRecord, flowRecord, put, write } from './store-records.ts'

/** Ids that break stores which use them as property names, in SQL, or in patterns. */
const oddIds = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '',
  ' ',
  "o'brien",
  '"; drop table entries; --',
  '%_*?',
  'a/b\\c:d',
  '🔑',
  'é',
  'e\u0301',
  '\u202e',
  'x'.repeat(200),
]

/** The requirements of ids: every store accepts and refuses the same ones. */
export const idCases: readonly StoreCase[] = [
  storeCase('accepts any well-formed text as an id', async (store) => {
    for (const id of oddIds) {
      const entry = entryRecord({ scope: id, entryId: id, domain: id, uniqueId: id })
      const flow = flowRecord({ scope: id, flowId: id, domain: id, entryId: id, edits: true, dueAt: 1 })
      await store.apply(id, [
        put(entry),
        put(flow),
        put(attemptsRecord({ scope: id, key: id })),
        { audit: auditRow({ scope: id, entryId: id }) },
      ])
      assert.deepEqual(await store.getEntry(id, id), entry)
      assert.deepEqual(await store.getFlow(id, id), flow)
      assert.equal((await store.getAttempts(id, id))?.key, id)
      const found = await store.findEntries(id, { domain: id, uniqueId: id, limit: 2 })
      assert.deepEqual(found.items, [entry])
      assert.deepEqual((await store.findFlows(id, { entryId: id, open: true, limit: 2 })).items, [flow])
      assert.equal((await store.readAudit(id, id, { limit: 2 })).items.length, 1)
      const rival = entryRecord({ scope: id, entryId: 'rival', domain: id, uniqueId: id })
      await refuses(store.apply(id, [put(rival)]), { code: 'SLOT_TAKEN', slot: 'identity', holder: id })
    }
    assert.deepEqual([...(await store.scopes({ limit: 99 }))].sort(), [...oddIds].sort())
    const due = await store.due(1, 99)
    assert.deepEqual(due.map(({ id }) => id).sort(), [...oddIds].sort())
  }),

  storeCase('rejects ids that a store cannot save, and finds no row for them', async (store) => {
    const refused = { code: 'STORE', outcome: 'not_written' }
    for (const [number, bad] of ['a\0', '\ud800', '\udc00b', '\u{1f511}'.repeat(700)].entries()) {
      const asked = { principal: 'ada', key: 'k', request: 'r' }
      const writes: Write[] = [
        put(entryRecord({ entryId: bad })),
        put(entryRecord({ domain: bad })),
        put(entryRecord({ uniqueId: bad })),
        put(entryRecord({ matchKey: bad })),
        put(flowRecord({ flowId: bad })),
        put(flowRecord({ entryId: bad })),
        put(flowRecord({ slot: bad })),
        put(flowRecord({ budget: bad })),
        put(flowRecord({ asked: { ...asked, principal: bad } })),
        put(flowRecord({ asked: { ...asked, key: bad } })),
        put(attemptsRecord({ key: bad })),
        { audit: auditRow({ entryId: bad }) },
        { remove: 'entry', id: bad, ifRevision: 0 },
        { check: 'entry', id: bad, ifRevision: 0 },
        { check: 'flows', entryId: bad, open: [] },
        { check: 'unclaimed', flowId: bad, now: 0 },
        { settle: bad, key: 'k' },
      ]
      for (const one of writes)
        await refuses(write(store, put(flowRecord({ flowId: `f${number}` })), one), refused)
      await refuses(store.apply(bad, [put(entryRecord({ scope: bad }))]), refused)
      const term = { holder: 'p1', ms: 60_000, now: 0 }
      await refuses(store.leases.claim({ scope: 'home', kind: 'task', id: bad }, term), refused)
      const reservation = { scope: 'home', key: bad, id: 'r', principal: 'ada' }
      await refuses(store.leases.reserve(reservation, term), refused)

      assert.equal(await store.getFlow('home', `f${number}`), undefined)
      for (const [scope, id] of [
        ['home', bad],
        [bad, 'entry-1'],
      ] as const) {
        assert.equal(await store.getEntry(scope, id), undefined)
        assert.equal(await store.getFlowRow(scope, id), undefined)
        assert.equal(await store.getFlowAsked(scope, id, 'k'), undefined)
        assert.equal(await store.getFlowHolding(scope, 'hub', id), undefined)
        assert.equal(await store.getAttempts(scope, id), undefined)
        assert.deepEqual((await store.getEntryToEdit(scope, id)).entry, undefined)
        assert.deepEqual(
          (await store.findEntries(scope, { domain: 'hub', uniqueId: id, limit: 9 })).items,
          [],
        )
        assert.deepEqual((await store.findFlows(scope, { entryId: id, limit: 9 })).items, [])
        assert.deepEqual((await store.findAttention(scope, { expiringUntil: 9, limit: 9 })).items, [])
        assert.deepEqual((await store.readAudit(scope, id, { limit: 9 })).items, [])
        assert.equal(await store.countOpenFlows(scope, 9), 0)
        assert.equal(await store.webhooks.get(scope, id), undefined)
        assert.deepEqual((await store.leases.getBudget(scope, id, 0)).reservations, [])
        assert.equal(await store.feed.head(scope), 0)
      }
      assert.equal(await store.anyEntry({ domain: 'hub', uniqueId: bad }), undefined)
      assert.deepEqual(await store.scopes({ after: bad, limit: 9 }), [])
      const begun = store.leases.beginWork('home', bad, { revision: 1, term, reserve: null })
      assert.equal(await begun, undefined)
    }
  }),

  storeCase('accepts the longest unique id in the longest scope and integration', async (store) => {
    const [scope, domain, uniqueId] = ['\uffee'.repeat(128), 'd'.repeat(64), '\uffee'.repeat(512)]
    await store.apply(scope, [
      put(entryRecord({ scope, domain, uniqueId })),
      put(flowRecord({ scope, domain, slot: `account:${uniqueId}` })),
    ])
    const found = await store.findEntries(scope, { domain, uniqueId, limit: 1 })
    assert.equal(found.items.length, 1)
  }),
]
