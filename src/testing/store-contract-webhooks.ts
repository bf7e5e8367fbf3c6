import assert from 'node:assert/strict'
import type { Store, Write } from '../ports/store.ts'
import type { WebhookRecord } from '../ports/webhooks.ts'
import type { StoreCase } from './store-case.ts'
import { pages, refuses, storeCase } from './store-case.ts'
import { auditRow, entryRecord, put, write } from './store-records.ts'

/** Creates a complete row of the webhooks. */
function webhookRecord(changes: Partial<WebhookRecord> = {}): WebhookRecord {
  return {
    scope: 'home',
    id: 'row-1',
    list: 'receivers',
    content: { url: 'https://hub.example' },
    dueAt: null,
    revision: 1,
    ...changes,
  }
}

const putWebhook = (changes: Partial<WebhookRecord> = {}): Write => {
  const record = webhookRecord(changes)
  return { put: 'webhook', record, ifRevision: record.revision - 1 }
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id)

/** Writes a row that follows the history from its end. */
async function follow(store: Store, scope = 'home'): Promise<number> {
  const { position } = await store.webhooks.history(scope, null, 1)
  await store.apply(scope, [putWebhook({ scope, id: 'cursor', list: 'cursors', position })])
  return position
}

/** The requirements of webhooks: their rows, and the history that they follow. */
export const webhookCases: readonly StoreCase[] = [
  storeCase('lists a scope that has only a webhook', async (store) => {
    const scopes = () => store.scopes({ limit: 9 })
    await write(store, putWebhook())
    assert.deepEqual(await scopes(), ['home'])
    await store.apply('home', [{ remove: 'webhook', id: 'row-1', ifRevision: 1 }])
    assert.deepEqual(await scopes(), [])
  }),

  storeCase('stores the rows of webhooks, in lists and by scope', async (store) => {
    const { webhooks } = store
    const first = webhookRecord({ id: 'constructor', dueAt: 5, position: 7 })
    await write(store, putWebhook(first), putWebhook({ id: 'b' }), putWebhook({ id: 'a', list: 'other' }))
    await store.apply('away', [putWebhook({ scope: 'away', id: 'z' })])
    const read = await webhooks.get('home', 'constructor')
    assert.deepEqual(read, first)
    assert.ok(Object.isFrozen(read?.content))
    const row = await webhooks.getRow('home', 'a')
    assert.deepEqual([row?.scope, row?.id, row?.list, row?.revision], ['home', 'a', 'other', 1])
    assert.equal(await webhooks.get('away', 'constructor'), undefined)
    assert.equal(await webhooks.getRow('home', '__proto__'), undefined)
    const listed = await pages((after) => webhooks.list('home', 'receivers', { ...after, limit: 1 }))
    assert.deepEqual(listed.map(idsOf), [['b'], ['constructor']])
    assert.deepEqual((await webhooks.list('nowhere', 'receivers', { limit: 9 })).items, [])
  }),

  storeCase('replaces only the expected revision (webhook)', async (store) => {
    const conflict = { code: 'REVISION_CONFLICT', kind: 'webhook', id: 'row-1' }
    await refuses(write(store, putWebhook({ revision: 2 })), conflict)
    await refuses(write(store, { remove: 'webhook', id: 'row-1', ifRevision: 0 }), conflict)
    await write(store, putWebhook())
    await refuses(write(store, putWebhook()), conflict)
    await write(store, putWebhook({ revision: 2, list: 'moved', dueAt: 3 }))
    await refuses(write(store, putWebhook({ revision: 2 })), conflict)
    assert.deepEqual(idsOf((await store.webhooks.list('home', 'moved', { limit: 9 })).items), ['row-1'])
    assert.deepEqual((await store.webhooks.list('home', 'receivers', { limit: 9 })).items, [])
    await refuses(write(store, { remove: 'webhook', id: 'row-1', ifRevision: 1 }), conflict)
    await write(store, { remove: 'webhook', id: 'row-1', ifRevision: 2 })
    await refuses(write(store, { remove: 'webhook', id: 'row-1', ifRevision: 2 }), conflict)
    assert.equal(await store.webhooks.get('home', 'row-1'), undefined)
    assert.deepEqual(await store.webhooks.due(9, 9), [])
  }),

  storeCase('writes the rows of webhooks with the other records, or none', async (store) => {
    await write(store, putWebhook())
    const changed = [put(entryRecord()), putWebhook({ revision: 2, dueAt: 1 }), putWebhook({ id: 'new' })]
    await refuses(write(store, ...changed, putWebhook()), { code: 'REVISION_CONFLICT' })
    assert.deepEqual(await store.webhooks.get('home', 'row-1'), webhookRecord())
    assert.equal(await store.webhooks.get('home', 'new'), undefined)
    assert.equal(await store.getEntry('home', 'entry-1'), undefined)
    assert.deepEqual(await store.webhooks.due(9, 9), [])
    await refuses(store.apply('away', [putWebhook()]), { code: 'STORE' })
  }),

  storeCase('lists the due rows of webhooks of all scopes, the longest overdue first', async (store) => {
    await write(store, putWebhook({ id: 'late', dueAt: 8 }), putWebhook({ id: 'never' }))
    await store.apply('away', [putWebhook({ scope: 'away', id: 'early', dueAt: 2 })])
    await write(store, putWebhook({ id: 'ahead', dueAt: 1_000 }), putWebhook({ id: 'wrong', dueAt: 9_000 }))
    const rows = await store.webhooks.due(8, 9)
    assert.deepEqual(
      rows.map(({ scope, id, list, revision }) => [scope, id, list, revision]),
      [
        ['away', 'early', 'receivers', 1],
        ['home', 'late', 'receivers', 1],
      ],
    )
    assert.deepEqual(idsOf(await store.webhooks.due(8, 1)), ['early'])
    assert.deepEqual(idsOf(await store.webhooks.due(7, 9)), ['early'])
    assert.deepEqual(idsOf(await store.webhooks.due(8, 9, 5_000)), ['early', 'late', 'wrong'])
    assert.deepEqual(idsOf(await store.webhooks.due(8, 2, 5_000)), ['early', 'late'])
    assert.deepEqual(await store.due(9_999, 9), [])
  }),

  storeCase('follows the history of a scope by position', async (store) => {
    await write(store, { audit: auditRow({ kind: 'before' }) })
    const start = await follow(store)
    assert.deepEqual(await store.webhooks.behind(9), [])
    assert.deepEqual((await store.webhooks.history('home', start, 9)).rows, [])
    await store.apply('away', [{ audit: auditRow({ scope: 'away' }) }])
    assert.deepEqual(await store.webhooks.behind(9), [])
    const rows = ['one', 'two', 'three'].map((kind) => auditRow({ kind }))
    await write(store, ...rows.slice(0, 2).map((audit) => ({ audit })))
    await write(store, ...rows.slice(2).map((audit) => ({ audit })))
    assert.deepEqual(await store.webhooks.behind(9), ['home'])
    const found = await store.webhooks.history('home', start, 9)
    assert.deepEqual(found.rows, rows)
    assert.deepEqual(await store.webhooks.history('home', null, 9), { position: found.position, rows: [] })
    // Read in parts, each row appears once.
    const read = []
    for (let at = start; at !== found.position; ) {
      const part = await store.webhooks.history('home', at, 1)
      assert.ok(part.position > at && part.rows.length > 0)
      read.push(...part.rows)
      at = part.position
    }
    assert.deepEqual(read, rows)
    const { position } = found
    await write(store, putWebhook({ id: 'cursor', list: 'cursors', position, revision: 2 }))
    assert.deepEqual(await store.webhooks.behind(9), [])
    assert.deepEqual((await store.webhooks.history('home', position, 9)).rows, [])
    await write(store, { audit: auditRow({ kind: 'four' }) })
    assert.deepEqual(await store.webhooks.behind(9), ['home'])
    await write(store, { remove: 'webhook', id: 'cursor', ifRevision: 2 })
    assert.deepEqual(await store.webhooks.behind(9), [])
    await write(store, { audit: auditRow({ kind: 'five' }) })
    assert.deepEqual(await store.webhooks.behind(9), [])
  }),

  storeCase('lists the scopes whose history is ahead, up to a limit', async (store) => {
    for (const scope of ['a', 'b', 'c', 'd']) {
      await follow(store, scope)
      if (scope !== 'd') await store.apply(scope, [{ audit: auditRow({ scope }) }])
    }
    assert.deepEqual([...(await store.webhooks.behind(9))].sort(), ['a', 'b', 'c'])
    assert.equal((await store.webhooks.behind(2)).length, 2)
  }),
]
