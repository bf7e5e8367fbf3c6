import assert from 'node:assert/strict'
import type { StoreCase } from './store-case.ts'
import { refuses, storeCase } from './store-case.ts'
import { attemptsRecord, auditRow, entryRecord, flowRecord, put, write } from './store-records.ts'

/** The requirements of single records: reads, revisions and transactions. */
export const recordCases: readonly StoreCase[] = [
  storeCase('reads a written record, and undefined for a missing one', async (store) => {
    const entry = entryRecord({ data: { nested: { list: [1, 'two', null, true] }, ['__proto__']: 'kept' } })
    const flow = flowRecord({ context: { step: 'user', errors: { base: 'unknown' } }, sealedDraft: 'draft' })
    const attempts = attemptsRecord({ blockedUntil: 5 })
    await write(store, put(entry), put(flow), put(attempts))
    assert.deepEqual(await store.getEntry('home', 'entry-1'), entry)
    assert.deepEqual(await store.getFlow('home', 'flow-1'), flow)
    assert.deepEqual(await store.getAttempts('home', 'entry-1'), attempts)
    assert.equal(await store.getEntry('home', 'flow-1'), undefined)
    assert.equal(await store.getFlow('home', 'entry-1'), undefined)
    assert.equal(await store.getAttempts('home', 'flow-1'), undefined)
  }),

  storeCase('stores the previous values of an entry until they are removed', async (store) => {
    const { version, data, sealed, options } = entryRecord()
    const previous = { why: 'migrated', version, data, sealed, options } as const
    const entry = entryRecord({ version: 2, data: { url: 'https://hub.example' }, previous })
    await write(store, put(entry))
    assert.deepEqual(await store.getEntry('home', 'entry-1'), entry)
    const { previous: _, ...verified } = { ...entry, revision: 2 }
    await write(store, put(verified))
    assert.deepEqual(await store.getEntry('home', 'entry-1'), verified)
  }),

  storeCase('stores sub-entries in order', async (store) => {
    const room = { type: 'room', uniqueId: null, data: { nested: ['one'] }, sealed: null, revision: 1 }
    const feed = { ...room, type: 'feed', uniqueId: 'a', sealed: 'sealed' }
    const items = ['constructor', '10', '9'].map((id, at) => ({
      ...(at === 1 ? feed : room),
      subentryId: id,
      title: `Title of ${id}`,
    }))
    const entry = entryRecord({ subentries: { revision: 3, items } })
    await write(store, put(entry))
    const read = await store.getEntry('home', 'entry-1')
    assert.deepEqual(read, entry)
    assert.ok(Object.isFrozen(read?.subentries?.items[0]?.data))
    const fewer = { ...entry, revision: 2, subentries: { revision: 4, items: [] } }
    await write(store, put(fewer))
    assert.deepEqual(await store.getEntry('home', 'entry-1'), fewer)
  }),

  storeCase('freezes records recursively', async (store) => {
    const entry = entryRecord({ data: { nested: { list: ['one'] } } })
    await write(store, put(entry), put(flowRecord()), put(attemptsRecord()), { audit: auditRow() })
    const read = await store.getEntry('home', 'entry-1')
    const nested = read?.data.nested
    assert.ok(Object.isFrozen(read) && Object.isFrozen(read?.data) && Object.isFrozen(nested))
    assert.ok(Object.isFrozen(Reflect.get(Object(nested), 'list')))
    const { items } = await store.readAudit('home', 'entry-1', { limit: 1 })
    const others = [
      await store.getFlow('home', 'flow-1'),
      await store.getAttempts('home', 'entry-1'),
      items[0],
    ]
    for (const record of others) assert.ok(record !== undefined && Object.isFrozen(record))
  }),

  storeCase('is not affected by changes to a passed object', async (store) => {
    const data = { host: 'before' }
    const written = write(store, put(entryRecord({ data })))
    Reflect.set(data, 'host', 'after')
    await written
    Reflect.set(data, 'host', 'later')
    assert.equal((await store.getEntry('home', 'entry-1'))?.data.host, 'before')
  }),

  ...(['entry', 'flow', 'attempts'] as const).map((kind) =>
    storeCase(`replaces only the expected revision (${kind})`, async (store) => {
      const make = { entry: entryRecord, flow: flowRecord, attempts: attemptsRecord }[kind]
      const id = kind === 'flow' ? 'flow-1' : 'entry-1'
      const conflict = { code: 'REVISION_CONFLICT', kind, id }
      await refuses(write(store, put(make({ revision: 2 }))), conflict)
      await write(store, put(make()))
      await refuses(write(store, put(make())), conflict)
      await refuses(write(store, put(make({ revision: 3 }))), conflict)
      await write(store, put(make({ revision: 2 })))
      await refuses(write(store, put(make({ revision: 2 }))), conflict)
      await refuses(write(store, { remove: kind, id, ifRevision: 1 }), conflict)
      await refuses(write(store, { remove: kind, id, ifRevision: 3 }), conflict)
      await write(store, { remove: kind, id, ifRevision: 2 })
      await refuses(write(store, { remove: kind, id, ifRevision: 2 }), conflict)
      await write(store, put(make()))
    }),
  ),

  storeCase('rejects a revision that does not follow the replaced one', async (store) => {
    const bad = { put: 'entry', record: entryRecord({ revision: 3 }), ifRevision: 0 } as const
    await refuses(write(store, bad), { code: 'STORE' })
    assert.equal(await store.getEntry('home', 'entry-1'), undefined)
  }),

  storeCase('rejects a record of another scope', async (store) => {
    await refuses(store.apply('other', [put(entryRecord())]), { code: 'STORE' })
    await refuses(store.apply('other', [put(flowRecord())]), { code: 'STORE' })
    await refuses(store.apply('other', [{ audit: auditRow() }]), { code: 'STORE' })
    assert.deepEqual(await store.scopes({ limit: 99 }), [])
  }),

  storeCase('writes all records or none', async (store) => {
    const [one, two] = [entryRecord({ uniqueId: 'a' }), entryRecord({ entryId: 'entry-2', uniqueId: 'b' })]
    await write(store, put(one), put(two), put(flowRecord()), put(attemptsRecord()))
    const before = store.feed.stamp?.()
    await refuses(
      write(
        store,
        { audit: auditRow() },
        put({ ...one, revision: 2, title: 'Changed', uniqueId: 'c' }),
        { remove: 'entry', id: 'entry-2', ifRevision: 1 },
        put(entryRecord({ entryId: 'entry-3', uniqueId: 'b' })),
        { remove: 'flow', id: 'flow-1', ifRevision: 1 },
        put(flowRecord({ flowId: 'flow-2', dueAt: 1 })),
        { remove: 'attempts', id: 'entry-1', ifRevision: 1 },
        put(attemptsRecord({ key: 'other', dueAt: 1 })),
        put(flowRecord({ flowId: 'flow-3', revision: 9 })),
      ),
      { code: 'REVISION_CONFLICT', kind: 'flow', id: 'flow-3' },
    )
    assert.equal(store.feed.stamp?.(), before)
    assert.deepEqual(await store.findEntries('home', { limit: 9 }), {
      items: [one, two],
      next: null,
      unreadable: [],
    })
    assert.deepEqual((await store.findFlows('home', { limit: 9 })).items, [flowRecord()])
    assert.deepEqual((await store.readAudit('home', 'entry-1', { limit: 9 })).items, [])
    assert.deepEqual(await store.due(99, 9), [])
    assert.equal(await store.countOpenFlows('home', 99), 1)
    assert.equal(await store.getAttempts('home', 'other'), undefined)
    assert.deepEqual(await store.getAttempts('home', 'entry-1'), attemptsRecord())
    const claims = await store.findEntries('home', { domain: 'hub', uniqueId: 'b', limit: 9 })
    assert.deepEqual(claims.items, [two])
    await write(store, put(entryRecord({ entryId: 'entry-3', uniqueId: 'c' })))
  }),

  storeCase('writes in the given order, also one record several times', async (store) => {
    await write(store, put(entryRecord()), put(entryRecord({ revision: 2, title: 'Second' })))
    await write(
      store,
      { remove: 'entry', id: 'entry-1', ifRevision: 2 },
      put(entryRecord({ title: 'Third' })),
    )
    assert.deepEqual(await store.getEntry('home', 'entry-1'), entryRecord({ title: 'Third' }))
  }),

  storeCase('lets exactly one of many concurrent writers of a revision succeed', async (store) => {
    await write(store, put(entryRecord()))
    const tries = Array.from({ length: 40 }, (_, number) =>
      write(store, put(entryRecord({ revision: 2, title: `Writer ${number}` })), {
        audit: auditRow({ who: `Writer ${number}` }),
      }),
    )
    const settled = await Promise.allSettled(tries)
    const winner = settled.findIndex(({ status }) => status === 'fulfilled')
    const losers = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    assert.equal(losers.length, 39)
    for (const error of losers) assert.equal(error.code, 'REVISION_CONFLICT')
    assert.equal((await store.getEntry('home', 'entry-1'))?.title, `Writer ${winner}`)
    const history = await store.readAudit('home', 'entry-1', { limit: 99 })
    assert.deepEqual(
      history.items.map(({ who }) => who),
      [`Writer ${winner}`],
    )
  }),

  storeCase('stores any text in the values of a record', async (store) => {
    const data = { nul: 'a\0b', half: '\ud800', other: '\udc00', long: '\u2028\n"\\'.repeat(9) }
    await write(store, put(entryRecord({ data, title: '\0' })))
    const read = await store.getEntry('home', 'entry-1')
    assert.deepEqual([read?.data, read?.title], [data, '\0'])
  }),

  storeCase('separates scopes', async (store) => {
    await write(store, put(entryRecord({ uniqueId: 'a' })), put(flowRecord()), { audit: auditRow() })
    await write(store, put(attemptsRecord()))
    assert.equal(await store.getEntry('other', 'entry-1'), undefined)
    assert.equal(await store.getFlow('other', 'flow-1'), undefined)
    assert.equal(await store.getAttempts('other', 'entry-1'), undefined)
    assert.deepEqual((await store.findEntries('other', { limit: 9 })).items, [])
    assert.deepEqual((await store.findEntries('other', { domain: 'hub', uniqueId: 'a', limit: 9 })).items, [])
    assert.deepEqual((await store.findFlows('other', { limit: 9 })).items, [])
    assert.deepEqual((await store.readAudit('other', 'entry-1', { limit: 9 })).items, [])
    assert.equal(await store.countOpenFlows('other', 99), 0)
    const conflict = { code: 'REVISION_CONFLICT' }
    await refuses(store.apply('other', [{ remove: 'entry', id: 'entry-1', ifRevision: 1 }]), conflict)
    assert.deepEqual(await store.scopes({ limit: 99 }), ['home'])
    await store.apply('other', [put(entryRecord({ scope: 'other', uniqueId: 'a' }))])
    assert.deepEqual([...(await store.scopes({ limit: 99 }))].sort(), ['home', 'other'])
  }),

  storeCase('can be closed and reopened without losing rows', async (store) => {
    await write(store, put(entryRecord()), put(flowRecord({ dueAt: 5 })), put(attemptsRecord()), {
      audit: auditRow(),
    })
    const pending = write(store, put(entryRecord({ entryId: 'entry-2' })))
    await Promise.all([store.close(), store.close()])
    await pending
    await Promise.all([store.open(), store.open()])
    assert.deepEqual((await store.findEntries('home', { limit: 9 })).items, [
      entryRecord(),
      entryRecord({ entryId: 'entry-2' }),
    ])
    assert.deepEqual(await store.due(5, 9), [{ scope: 'home', kind: 'flow', id: 'flow-1', dueAt: 5 }])
    assert.deepEqual(await store.getAttempts('home', 'entry-1'), attemptsRecord())
    assert.deepEqual((await store.readAudit('home', 'entry-1', { limit: 9 })).items, [auditRow()])
    assert.equal(await store.countOpenFlows('home', 99), 1)
  }),
]
