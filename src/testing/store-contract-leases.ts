import assert from 'node:assert/strict'
import type { LeaseName } from '../ports/lease.ts'
import type { BegunWork, Store } from '../ports/store.ts'
import { LONG, later, now, SHORT, term } from './lease-terms.ts'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { attemptsRecord, editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const lease = (id: string, kind: LeaseName['kind'] = 'flow', scope = 'home'): LeaseName => ({
  scope,
  kind,
  id,
})

const begin = (store: Store, holder: string, { ms = LONG, at = now, id = 'flow-1', reserve = '' } = {}) =>
  store.leases.beginWork('home', id, {
    revision: 1,
    term: term(holder, ms, at),
    reserve: reserve === '' ? null : { id: reserve, principal: 'ada' },
  })

/** Expects a claim, and returns it. */
function claimed(work: BegunWork | undefined) {
  assert.ok(work?.type === 'claimed', `the flow was not claimed: ${work?.type}`)
  return work
}

const changed = (kind: string, id: string) => ({ code: 'REVISION_CONFLICT', kind, id })

/** The requirements of leases. */
export const leaseCases: readonly StoreCase[] = [
  storeCase('lets one of many concurrent processes work on a flow', async (store) => {
    await write(store, put(flowRecord()))
    const works = await Promise.all(Array.from({ length: 20 }, (_, number) => begin(store, `p${number}`)))
    const types = works.map((work) => work?.type).sort()
    assert.deepEqual(types, [...Array.from({ length: 19 }, () => 'busy'), 'claimed'])
    for (const work of works) assert.equal(work?.flow.flowId, 'flow-1')
  }),

  storeCase('lets the same holder not work on a flow twice', async (store) => {
    await write(store, put(flowRecord()))
    claimed(await begin(store, 'p1'))
    assert.equal((await begin(store, 'p1'))?.type, 'busy')
    assert.equal((await begin(store, 'p1'))?.flow.revision, 1)
  }),

  storeCase('reads the flow, its entry and its attempts with the claim', async (store) => {
    const entry = entryRecord()
    const flow = editRecord({ budget: 'entry-1' })
    const attempts = attemptsRecord()
    await write(store, put(entry), put(flow), put(attempts), put(flowRecord({ flowId: 'flow-2' })))
    const work = claimed(await begin(store, 'p1', { reserve: 'r1' }))
    assert.deepEqual({ ...work.flow }, flow)
    assert.deepEqual(work.entry, entry)
    assert.deepEqual(work.budget, {
      attempts,
      reservations: [{ id: 'r1', principal: 'ada', at: now, lapsed: false }],
    })
    const other = claimed(await begin(store, 'p1', { id: 'flow-2', reserve: 'r2' }))
    assert.ok(other.fence > work.fence)
    assert.deepEqual([other.entry, other.budget], [null, null])
  }),

  storeCase('claims no flow that is unknown, has ended, or has another revision', async (store) => {
    const ended = flowRecord({ flowId: 'ended', open: false, step: 'abort' })
    await write(store, put(flowRecord()), put(ended))
    await write(store, put(flowRecord({ revision: 2, step: 'challenge', budget: 'b' })))
    assert.equal(await begin(store, 'p1', { id: 'none' }), undefined)
    assert.deepEqual(await begin(store, 'p1', { id: 'ended' }), { type: 'ended', flow: ended })
    const stale = await begin(store, 'p1', { reserve: 'r1' })
    assert.deepEqual([stale?.type, stale?.flow.step], ['changed', 'challenge'])
    assert.equal(
      await store.leases.beginWork('office', 'flow-1', { revision: 2, term: term('p1'), reserve: null }),
      undefined,
    )
    assert.deepEqual((await store.leases.getBudget('home', 'b', now)).reservations, [])
    assert.deepEqual(await store.leases.renew(term('p1')), [])
  }),

  storeCase('claims a flow whose entry was removed', async (store) => {
    await write(store, put(editRecord()))
    assert.equal(claimed(await begin(store, 'p1')).entry, null)
  }),

  storeCase('shows with each read of a flow that a process works on it', async (store) => {
    const asked = { principal: 'ada', key: 'k', request: 'r' }
    const flow = editRecord({ slot: 's', asked })
    await write(store, put(entryRecord()), put(flow), put(flowRecord({ flowId: 'flow-2' })))
    const reads = async () => {
      const all = [
        await store.getFlow('home', 'flow-1'),
        await store.getFlowAsked('home', 'ada', 'k'),
        await store.getFlowHolding('home', 'hub', 's'),
        (await store.findFlows('home', { entryId: 'entry-1', limit: 9 })).items[0],
        (await store.findFlows('home', { limit: 1 })).items[0],
        (await store.getEntryToEdit('home', 'entry-1')).flow,
      ]
      return all.map((read) => Number(read?.workingUntil ?? 0) > now)
    }
    assert.deepEqual(new Set(await reads()), new Set([false]))
    const { fence } = claimed(await begin(store, 'p1'))
    assert.deepEqual(new Set(await reads()), new Set([true]))
    assert.equal((await store.getFlow('home', 'flow-2'))?.workingUntil, undefined)
    // The next record is made of the one that was read.
    const working = await store.getFlow('home', 'flow-1')
    assert.ok(working)
    await write(store, { release: 'flow', id: 'flow-1', fence }, put({ ...working, revision: 2 }))
    assert.deepEqual(await store.getFlow('home', 'flow-1'), { ...flow, revision: 2 })
  }),

  storeCase('reads an entry together with its open edit flow', async (store) => {
    const [entry, flow] = [entryRecord(), editRecord()]
    const options = flowRecord({ flowId: 'flow-0', entryId: 'entry-1', source: 'options' })
    await write(store, put(entry), put(options), put(flow))
    assert.deepEqual(await store.getEntryToEdit('home', 'entry-1'), { entry, flow })
    await write(store, put({ ...flow, open: false, step: 'abort', revision: 2 }))
    assert.deepEqual(await store.getEntryToEdit('home', 'entry-1'), { entry, flow: undefined })
    const none = { entry: undefined, flow: undefined }
    assert.deepEqual(await store.getEntryToEdit('home', 'none'), none)
    assert.deepEqual(await store.getEntryToEdit('office', 'entry-1'), none)
  }),

  storeCase(
    'lets another process work on a flow whose lease has lapsed, and refuses the first',
    async (store) => {
      await write(store, put(flowRecord()))
      const first = claimed(await begin(store, 'p1', { ms: SHORT }))
      const at = await later()
      assert.ok(Number((await store.getFlow('home', 'flow-1'))?.workingUntil ?? 0) <= at)
      const second = claimed(await begin(store, 'p2', { at }))
      assert.ok(second.fence > first.fence)
      assert.equal(second.flow.workingUntil, undefined)
      const next = put(flowRecord({ revision: 2 }))
      const release = ({ fence }: { fence: number }) => ({ release: 'flow', id: 'flow-1', fence }) as const
      const check = ({ fence }: { fence: number }) =>
        ({ check: 'lease', kind: 'flow', id: 'flow-1', fence }) as const
      await refuses(write(store, release(first), next), changed('flow', 'flow-1'))
      await refuses(write(store, check(first), next), changed('flow', 'flow-1'))
      assert.deepEqual(await store.leases.renew(term('p1', LONG, at)), [])
      await write(store, check(second), next)
      await write(store, release(second), put(flowRecord({ revision: 3 })))
      await refuses(write(store, release(second)), changed('flow', 'flow-1'))
      assert.equal((await store.getFlow('home', 'flow-1'))?.workingUntil, undefined)
    },
  ),

  storeCase('lets a process write that lost no lease although its time was up', async (store) => {
    await write(store, put(flowRecord()))
    const { fence } = claimed(await begin(store, 'p1', { ms: SHORT }))
    const at = await later()
    const renewed = await store.leases.renew(term('p1', LONG, at))
    assert.deepEqual(renewed, [{ scope: 'home', kind: 'flow', id: 'flow-1', fence }])
    assert.equal((await begin(store, 'p2', { at }))?.type, 'busy')
    await write(store, { release: 'flow', id: 'flow-1', fence }, put(flowRecord({ revision: 2 })))
  }),

  storeCase('ends the lease of a flow that ends or is removed', async (store) => {
    const flows = ['ended', 'removed'].map((flowId) => flowRecord({ flowId }))
    await write(store, ...flows.map(put))
    for (const { flowId } of flows) claimed(await begin(store, 'p1', { id: flowId }))
    assert.equal((await store.leases.renew(term('p1'))).length, 2)
    const end = put(flowRecord({ flowId: 'ended', revision: 2, open: false, step: 'abort' }))
    await write(store, end, { remove: 'flow', id: 'removed', ifRevision: 1 })
    assert.deepEqual(await store.leases.renew(term('p1')), [])
  }),

  storeCase('ends the leases of an entry or a row of the webhooks that is removed', async (store) => {
    const row = { scope: 'home', id: 'e', list: 'l', content: {}, dueAt: null, revision: 1 }
    await write(store, put(entryRecord({ entryId: 'e' })), { put: 'webhook', record: row, ifRevision: 0 })
    const kinds = ['token', 'connection', 'delivery'] as const
    for (const kind of kinds) await store.leases.claim(lease('e', kind), term('p1'))
    await store.leases.claim(lease('f', 'token'), term('p1'))
    const left = async () =>
      (await store.leases.renew(term('p1'))).map(({ kind, id }) => `${kind} ${id}`).sort()
    await write(store, { remove: 'entry', id: 'e', ifRevision: 1 })
    assert.deepEqual(await left(), ['delivery e', 'token f'])
    await write(store, { remove: 'webhook', id: 'e', ifRevision: 1 })
    assert.deepEqual(await left(), ['token f'])
  }),

  storeCase('ends no lease in a transaction that fails', async (store) => {
    await write(store, put(flowRecord({ budget: 'b' })))
    const { fence } = claimed(await begin(store, 'p1', { reserve: 'r1' }))
    const failing = write(
      store,
      { release: 'flow', id: 'flow-1', fence },
      { settle: 'r1', key: 'b' },
      put(flowRecord({ revision: 2, open: false, step: 'abort' })),
      put(entryRecord({ revision: 7 })),
    )
    await refuses(failing, changed('entry', 'entry-1'))
    assert.equal((await begin(store, 'p2'))?.type, 'busy')
    assert.equal((await store.leases.getBudget('home', 'b', now)).reservations.length, 1)
  }),

  storeCase('writes only if no process works on a flow', async (store) => {
    await write(store, put(flowRecord()))
    const unclaimed = (at = now) => ({ check: 'unclaimed', flowId: 'flow-1', now: at }) as const
    await write(store, unclaimed(), put(flowRecord({ flowId: 'flow-2' })))
    claimed(await begin(store, 'p1'))
    const end = put(flowRecord({ revision: 2, open: false, step: 'abort' }))
    await refuses(write(store, put(entryRecord()), unclaimed()), changed('flow', 'flow-1'))
    assert.equal(await store.getEntry('home', 'entry-1'), undefined)
    await store.apply('office', [unclaimed()])
    await store.leases.release('p1')
    claimed(await begin(store, 'p2', { ms: SHORT }))
    await write(store, end, unclaimed(await later()))
  }),

  storeCase('gives a lease to one of many, and to the next after its release', async (store) => {
    for (const kind of ['token', 'connection', 'delivery', 'task'] as const) {
      const claims = Array.from({ length: 20 }, (_, number) =>
        store.leases.claim(lease('e', kind), term(`p${number}`)),
      )
      const fences = (await Promise.all(claims)).filter((fence) => fence !== null)
      assert.equal(fences.length, 1)
    }
    const first = await store.leases.claim(lease('x', 'token'), term('p1'))
    assert.equal(await store.leases.claim(lease('x', 'token'), term('p1')), null)
    assert.notEqual(await store.leases.claim(lease('x', 'token', 'office'), term('p2')), null)
    await store.leases.release('p2', [lease('x', 'token')])
    assert.equal(await store.leases.claim(lease('x', 'token'), term('p2')), null)
    await store.leases.release('p1', [lease('x', 'token')])
    const second = await store.leases.claim(lease('x', 'token'), term('p2'))
    assert.ok(Number(second) > Number(first))
  }),

  storeCase(
    'ends the token lease with the write of its entry, and names the entry if it was lost',
    async (store) => {
      const fence = Number(await store.leases.claim(lease('entry-1', 'token'), term('p1')))
      await write(store, put(entryRecord()), { release: 'token', id: 'entry-1', fence })
      await refuses(write(store, { release: 'token', id: 'entry-1', fence }), changed('entry', 'entry-1'))
      const check = { check: 'lease', kind: 'token', id: 'entry-1', fence } as const
      await refuses(write(store, check), changed('entry', 'entry-1'))
    },
  ),

  storeCase('names the row of the webhooks whose lease was lost', async (store) => {
    const fence = Number(await store.leases.claim(lease('row-1', 'delivery'), term('p1', SHORT)))
    const at = await later()
    const next = Number(await store.leases.claim(lease('row-1', 'delivery'), term('p2', LONG, at)))
    const release = { release: 'delivery', id: 'row-1' } as const
    await refuses(write(store, { ...release, fence }), changed('webhook', 'row-1'))
    const check = { check: 'lease', kind: 'delivery', id: 'row-1', fence } as const
    await refuses(write(store, check), changed('webhook', 'row-1'))
    await write(store, { ...release, fence: next })
    assert.notEqual(await store.leases.claim(lease('row-1', 'delivery'), term('p1', LONG, at)), null)
  }),

  storeCase('renews all leases of a holder, and no other', async (store) => {
    const names = [lease('a', 'token'), lease('b', 'token', 'office'), lease('c', 'task')]
    for (const name of names) await store.leases.claim(name, term('p1', SHORT))
    await store.leases.claim(lease('d', 'token'), term('p2', SHORT))
    const renewed = await store.leases.renew(term('p1'))
    assert.deepEqual(renewed.map(({ scope, id }) => `${scope}/${id}`).sort(), [
      'home/a',
      'home/c',
      'office/b',
    ])
    const at = await later()
    for (const name of names) assert.equal(await store.leases.claim(name, term('p3', LONG, at)), null)
    assert.notEqual(await store.leases.claim(lease('d', 'token'), term('p3', LONG, at)), null)
  }),

  storeCase('releases all leases of a holder, and none of its reservations', async (store) => {
    for (const id of ['a', 'b']) await store.leases.claim(lease(id, 'token'), term('p1'))
    await store.leases.claim(lease('c', 'token'), term('p2'))
    await store.leases.reserve({ scope: 'home', key: 'k', id: 'r1', principal: 'ada' }, term('p1'))
    await store.leases.release('p1')
    assert.deepEqual(await store.leases.renew(term('p1')), [])
    assert.equal((await store.leases.renew(term('p2'))).length, 1)
    assert.equal((await store.leases.getBudget('home', 'k', now)).reservations.length, 1)
  }),

  storeCase('leaves out due flows that a process works on', async (store) => {
    const due = (flowId: string) => flowRecord({ flowId, expiresAt: 5, dueAt: 5 })
    await write(store, ...['flow-1', 'flow-2', 'flow-3'].map((id) => put(due(id))))
    await write(store, put(flowRecord({ flowId: 'far', dueAt: now + 1e9 })))
    claimed(await begin(store, 'p1'))
    claimed(await begin(store, 'p1', { id: 'flow-2', ms: SHORT }))
    claimed(await begin(store, 'p1', { id: 'far' }))
    const at = await later()
    const ids = async (limit: number) => (await store.due(at, limit, now + 1e6)).map(({ id }) => id)
    assert.deepEqual((await ids(9)).sort(), ['flow-2', 'flow-3'])
    assert.equal((await ids(1)).length, 1)
    await store.leases.release('p1')
    assert.deepEqual((await ids(9)).sort(), ['far', 'flow-1', 'flow-2', 'flow-3'])
  }),
]
