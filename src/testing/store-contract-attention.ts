import assert from 'node:assert/strict'
import type { EntryRow } from '../ports/store.ts'
import type { StoreCase } from './store-case.ts'
import { pages, storeCase } from './store-case.ts'
import { auditRow, editRecord, entryRecord, flowRecord, put, write } from './store-records.ts'

const need = { since: 1, reason: 'invalid_auth' } as const

/** The requirements of the attention list, of scopes, and of reads in all scopes. */
export const attentionCases: readonly StoreCase[] = [
  storeCase(
    'lists entries that need attention, then those that expire, with their edit flows',
    async (store) => {
      const ids = async (limit: number, expiringUntil = 100) => {
        const query = { expiringUntil, limit }
        const all = await pages((after) => store.findAttention('home', { ...query, ...after }))
        for (const page of all.slice(0, -1)) assert.equal(page.length, limit)
        return all.flat().map(({ entry, editFlowId }) => `${entry.entryId} ${editFlowId}`)
      }
      assert.deepEqual(await ids(2), [])
      await write(
        store,
        put(entryRecord({ entryId: 'b', reauth: need })),
        put(entryRecord({ entryId: '', reauth: need, domain: 'lamp', expiresAt: 5 })),
        put(entryRecord({ entryId: 'c', migrationError: 'too old' })),
        put(entryRecord({ entryId: 'd' })),
        put(entryRecord({ entryId: 'g', expiresAt: 40 })),
        put(entryRecord({ entryId: 'f', expiresAt: 100 })),
        put(entryRecord({ entryId: 'e', expiresAt: 100, ignored: true })),
        put(entryRecord({ entryId: 'a', expiresAt: 101 })),
        put(editRecord({ entryId: 'b' })),
        put(flowRecord({ flowId: 'flow-2', entryId: 'c' })),
        put(editRecord({ flowId: 'flow-3', entryId: 'c', open: false })),
        put(editRecord({ flowId: 'flow-4', entryId: 'f' })),
      )
      await store.apply('away', [put(entryRecord({ scope: 'away', reauth: need }))])
      const all = [' null', 'b flow-1', 'c null', 'g null', 'e null', 'f flow-4']
      for (const limit of [1, 2, 3, 4, 5, 6, 7]) assert.deepEqual(await ids(limit), all)
      assert.deepEqual(await ids(1, 99), all.slice(0, 4))
      await write(store, put(entryRecord({ entryId: 'b', revision: 2, expiresAt: 7 })))
      await write(store, put(entryRecord({ entryId: 'g', revision: 2, expiresAt: 40, reauth: need })))
      await write(store, { remove: 'entry', id: 'e', ifRevision: 1 })
      const changed = [' null', 'c null', 'g null', 'b flow-1', 'f flow-4']
      for (const limit of [1, 2, 3, 9]) assert.deepEqual(await ids(limit), changed)
      const { items } = await store.findAttention('home', { expiringUntil: 0, limit: 1 })
      assert.deepEqual(items[0]?.entry, await store.getEntry('home', ''))
    },
  ),

  storeCase(
    'finds the entries whose token is due to be refreshed, the longest overdue first',
    async (store) => {
      const due = async (now: number, limit = 9) =>
        (await store.findRefreshDue(now, limit)).map(({ scope, entryId }) => `${scope}/${entryId}`)
      await write(
        store,
        put(entryRecord({ entryId: 'a', refreshAt: 30 })),
        put(entryRecord({ entryId: 'b', refreshAt: 10 })),
        put(entryRecord({ entryId: 'c', refreshAt: null })),
        put(entryRecord({ entryId: 'd' })),
      )
      await store.apply('away', [put(entryRecord({ scope: 'away', entryId: 'e', refreshAt: 20 }))])
      assert.deepEqual(await due(9), [])
      assert.deepEqual(await due(30), ['home/b', 'away/e', 'home/a'])
      assert.deepEqual(await due(30, 2), ['home/b', 'away/e'])
      await write(store, put(entryRecord({ entryId: 'b', refreshAt: 40, revision: 2 })))
      await write(store, put(entryRecord({ entryId: 'a', refreshAt: null, revision: 2 })))
      assert.deepEqual(await due(39), ['away/e'])
      await store.apply('away', [{ remove: 'entry', id: 'e', ifRevision: 1 }])
      assert.deepEqual(await due(99), ['home/b'])
    },
  ),

  storeCase('finds the entries of domains whose connection no process owns', async (store) => {
    const now = Date.now()
    const term = { holder: 'one', ms: 60_000, now }
    const unowned = async (domains: readonly string[], limit = 9) =>
      (await store.findUnowned(domains, now, limit)).map(({ scope, entryId }) => `${scope}/${entryId}`).sort()
    await write(
      store,
      put(entryRecord({ entryId: 'a' })),
      put(entryRecord({ entryId: 'b', reauth: need })),
      put(entryRecord({ entryId: 'c', domain: 'lamp' })),
      put(entryRecord({ entryId: 'd', domain: 'other' })),
      put(entryRecord({ entryId: 'e', ignored: true })),
    )
    await store.apply('away', [put(entryRecord({ scope: 'away', entryId: 'a' }))])
    assert.deepEqual(await unowned([]), [])
    assert.deepEqual(await unowned(['none']), [])
    assert.deepEqual(await unowned(['hub', 'lamp']), ['away/a', 'home/a', 'home/b', 'home/c'])
    assert.equal((await unowned(['hub', 'lamp'], 3)).length, 3)
    await store.leases.claim({ scope: 'home', kind: 'connection', id: 'a' }, term)
    await store.leases.claim({ scope: 'home', kind: 'token', id: 'b' }, term)
    assert.deepEqual(await unowned(['hub', 'lamp']), ['away/a', 'home/b', 'home/c'])
    await store.leases.release('one')
    assert.deepEqual(await unowned(['hub']), ['away/a', 'home/a', 'home/b'])
  }),

  storeCase('lists scopes in order and in pages, while they have a row', async (store) => {
    const names = ['b', '', 'c', 'a', 'A', '\u00e9']
    const scopes = async (limit: number) => {
      const all: string[] = []
      for (let after: string | undefined; ; after = all.at(-1)) {
        const page = await store.scopes({ limit, ...(after !== undefined && { after }) })
        all.push(...page)
        if (page.length < limit) return all
      }
    }
    for (const scope of names) {
      await store.apply(scope, [scope === 'b' ? put(flowRecord({ scope })) : put(entryRecord({ scope }))])
      await store.apply(scope, [{ audit: auditRow({ scope }) }])
    }
    await store.apply('c', [put(entryRecord({ scope: 'c', entryId: 'entry-2' }))])
    for (const limit of [1, 2, 5, 6, 7]) assert.deepEqual(await scopes(limit), names.toSorted())
    await store.apply('b', [{ remove: 'flow', id: 'flow-1', ifRevision: 1 }])
    await store.apply('c', [{ remove: 'entry', id: 'entry-1', ifRevision: 1 }])
    assert.deepEqual(await scopes(2), ['', 'A', 'a', 'c', '\u00e9'])
  }),

  storeCase('finds one entry of any scope, of a domain and of an account', async (store) => {
    assert.equal(await store.anyEntry(), undefined)
    await store.apply('home', [put(flowRecord())])
    assert.equal(await store.anyEntry(), undefined)
    await store.apply('away', [put(entryRecord({ scope: 'away', uniqueId: 'me' }))])
    await write(store, put(entryRecord({ entryId: 'entry-2', domain: 'lamp' })))
    const row = ({ scope, entryId, domain, revision }: EntryRow) => ({ scope, entryId, domain, revision })
    const away = { scope: 'away', entryId: 'entry-1', domain: 'hub', revision: 1 }
    const one = await store.anyEntry()
    assert.ok(one?.scope === 'away' || one?.scope === 'home')
    for (const query of [{ domain: 'hub' }, { domain: 'hub', uniqueId: 'me' }]) {
      const found = await store.anyEntry(query)
      assert.deepEqual(found && row(found), away)
    }
    assert.equal((await store.anyEntry({ domain: 'lamp' }))?.entryId, 'entry-2')
    for (const query of [
      { domain: 'none' },
      { domain: 'hub', uniqueId: 'you' },
      { domain: 'lamp', uniqueId: 'me' },
    ])
      assert.equal(await store.anyEntry(query), undefined)
    await store.apply('away', [{ remove: 'entry', id: 'entry-1', ifRevision: 1 }])
    assert.equal(await store.anyEntry({ domain: 'hub' }), undefined)
  }),
]
