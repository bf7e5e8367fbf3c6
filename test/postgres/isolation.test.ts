import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { Store, Write } from '../../src/ports/store.ts'
import { attemptsRecord, auditRow, editRecord, entryRecord, put } from '../../src/testing/store-records.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
let database: PostgresDatabase
let store: Store

const asked = { principal: 'ada', key: 'k', request: 'r' }
const term = { holder: 'p1', ms: 600_000, now: 0 }
const removal = { scope: 'home', id: 'removed', content: {}, dueAt: 1, revision: 1 }
const webhook = {
  scope: 'home',
  id: 'hook',
  list: 'receivers',
  content: {},
  dueAt: 1,
  position: 0,
  revision: 1,
}

/** Rows of every kind in the scope `home`. */
const rows: readonly Write[] = [
  put(
    entryRecord({
      uniqueId: 'a',
      matchKey: 'm',
      expiresAt: 5,
      refreshAt: 5,
      reauth: { since: 1, reason: 'invalid_auth' },
    }),
  ),
  put(editRecord({ slot: 's', asked, budget: 'entry-1', dueAt: 1 })),
  put(attemptsRecord({ dueAt: 1 })),
  { put: 'webhook', record: webhook, ifRevision: 0 },
  { put: 'removal', record: removal, ifRevision: 0 },
  { audit: auditRow() },
]

/** Tables without rows of tenants: the migrations, the last batch of each process, and cursors of tasks. */
const WITHOUT_SCOPE = ['cursors', 'kysely_migration', 'kysely_migration_lock', 'writers']

/** Methods of the whole store, methods for all scopes, and those that write: other tests try them. */
const WITHOUT_READS = [
  ...['open', 'close', 'apply', 'due', 'findExpiring', 'scopes', 'anyEntry', 'purgeAudit', 'countOpenFlows'],
  ...['findUnowned', 'findRefreshDue', 'migrations'],
  ...[
    'webhooks.due',
    'webhooks.behind',
    'removals.due',
    'feed.moved',
    'feed.listen',
    'feed.purge',
    'feed.notify',
    'feed.notification',
    'feed.flush',
  ],
  ...['leases.claim', 'leases.renew', 'leases.release', 'leases.reserve', 'version'],
]

const tables = async (): Promise<string[]> => {
  const found = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'latchkey'`,
  )
  return found.map(({ name }) => name).filter((name) => !WITHOUT_SCOPE.includes(name))
}

beforeAll(async () => {
  database = await place.database()
  store = storeIn(database)
  await store.open()
  await store.apply('home', rows)
  await store.leases.claim({ scope: 'home', kind: 'token', id: 'entry-1' }, term)
  await store.leases.reserve({ scope: 'home', key: 'entry-1', id: 'r1', principal: 'ada' }, term)
})

afterAll(async () => {
  await store.close()
  await place.clear()
})

/** Every read of a scope, with the ids of the rows of `home`, and its result without rows. */
const reads: Readonly<Record<string, readonly [(scope: string) => Promise<unknown>, unknown]>> = {
  getEntry: [(scope) => store.getEntry(scope, 'entry-1'), undefined],
  getEntryToEdit: [(scope) => store.getEntryToEdit(scope, 'entry-1'), { entry: undefined, flow: undefined }],
  findEntries: [(scope) => store.findEntries(scope, { limit: 9 }), emptyPage()],
  'findEntries of an account': [
    (scope) => store.findEntries(scope, { domain: 'hub', uniqueId: 'a', limit: 9 }),
    emptyPage(),
  ],
  findAttention: [(scope) => store.findAttention(scope, { expiringUntil: 99, limit: 9 }), emptyPage()],
  countEntries: [
    (scope) => store.countEntries(scope, { expiringUntil: 99, atMost: 9 }),
    { all: 0, ignored: 0, disabled: 0, waiting: 0, offline: 0, attention: 0 },
  ],
  getFlow: [(scope) => store.getFlow(scope, 'flow-1'), undefined],
  getFlowAsked: [(scope) => store.getFlowAsked(scope, 'ada', 'k'), undefined],
  getFlowHolding: [(scope) => store.getFlowHolding(scope, 'hub', 's'), undefined],
  findFlows: [(scope) => store.findFlows(scope, { entryId: 'entry-1', open: true, limit: 9 }), emptyPage()],
  getAttempts: [(scope) => store.getAttempts(scope, 'entry-1'), undefined],
  getEntryRow: [(scope) => store.getEntryRow(scope, 'entry-1'), undefined],
  getFlowRow: [(scope) => store.getFlowRow(scope, 'flow-1'), undefined],
  getAttemptsRow: [(scope) => store.getAttemptsRow(scope, 'entry-1'), undefined],
  readAudit: [(scope) => store.readAudit(scope, null, { limit: 9 }), emptyPage()],
  'readAudit of an entry': [(scope) => store.readAudit(scope, 'entry-1', { limit: 9 }), emptyPage()],
  'webhooks.get': [(scope) => store.webhooks.get(scope, 'hook'), undefined],
  'webhooks.getRow': [(scope) => store.webhooks.getRow(scope, 'hook'), undefined],
  'webhooks.list': [(scope) => store.webhooks.list(scope, 'receivers', { limit: 9 }), emptyPage()],
  'webhooks.history': [(scope) => store.webhooks.history(scope, 0, 9), { position: 0, rows: [] }],
  'removals.get': [(scope) => store.removals.get(scope, 'removed'), undefined],
  'removals.list': [(scope) => store.removals.list(scope, { limit: 9 }), emptyPage()],
  'leases.getBudget': [
    (scope) => store.leases.getBudget(scope, 'entry-1', 0),
    { attempts: null, reservations: [] },
  ],
  'leases.beginWork': [
    (scope) => store.leases.beginWork(scope, 'flow-1', { revision: 9, term, reserve: null }),
    undefined,
  ],
  'feed.head': [(scope) => store.feed.head(scope), 0],
  'feed.read': [
    (scope) => store.feed.read(scope, 0),
    { seq: 0, entryIds: [], flowIds: [], domains: [], reset: false },
  ],
}

function emptyPage() {
  return { items: [], next: null, unreadable: [] }
}

describe('a read of postgresStore for all scopes', () => {
  const name = { scope: 'home', entryId: 'entry-1' }

  it('returns names of rows with their scopes, and no contents', async () => {
    expect(await store.findRefreshDue(5, 9)).toEqual([name])
    expect(await store.findUnowned(['hub'], 0, 9)).toEqual([name])
    expect(await store.findExpiring(0, 9)).toEqual([name])
    expect(await store.migrations?.()).toEqual({ isNew: false, pending: [] })
  })

  it('finds nothing for the role of the app', async () => {
    const own = storeIn(database, { systemUrl: database.url('app') })
    await expect(own.open()).rejects.toThrow('does not see the rows of all scopes')
    await own.close()
    for (const table of ['entries', 'flows', 'webhooks', 'removals'])
      expect(await database.query(`select * from latchkey.${table}`, [], 'app')).toEqual([])
  })
})

describe('a scope of postgresStore', () => {
  it.each(Object.entries(reads))(
    'finds nothing of another scope with its ids: %s',
    async (_, [read, none]) => {
      expect(await read('office')).toEqual(none)
      expect(await read('home')).not.toEqual(none)
    },
  )

  it('covers every read', () => {
    const methods = (prefix: string, part: object): string[] =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(part)).map((name) => prefix + name)
    const all = [
      ...methods('', store),
      ...methods('webhooks.', store.webhooks),
      ...methods('removals.', store.removals),
      ...methods('leases.', store.leases),
      ...methods('feed.', store.feed),
    ].filter((name) => !/constructor|#/.test(name) && !WITHOUT_READS.includes(name))
    expect(all.filter((name) => reads[name] === undefined)).toEqual([])
  })

  it.each([
    { remove: 'entry', id: 'entry-1', ifRevision: 1 },
    { remove: 'flow', id: 'flow-1', ifRevision: 1 },
    { remove: 'attempts', id: 'entry-1', ifRevision: 1 },
    { remove: 'webhook', id: 'hook', ifRevision: 1 },
    put(entryRecord({ scope: 'office', revision: 2 })),
    put(editRecord({ scope: 'office', revision: 2 })),
    put(attemptsRecord({ scope: 'office', revision: 2 })),
    { put: 'webhook', record: { ...webhook, scope: 'office', revision: 2 }, ifRevision: 1 },
    { check: 'entry', id: 'entry-1', ifRevision: 1 },
  ] satisfies Write[])('changes nothing of another scope: %j', async (write) => {
    await expect(store.apply('office', [write])).rejects.toMatchObject({ code: 'REVISION_CONFLICT' })
  })

  it('does not end the lease or the reservation of another scope', async () => {
    await store.apply('office', [{ settle: 'r1', key: 'entry-1' }])
    await store.leases.release('p1', [
      { scope: 'office', kind: 'token', id: 'entry-1' },
      { scope: 'office', key: 'entry-1', id: 'r1' },
    ])
    await store.leases.release('p2')
    expect(await store.leases.renew(term)).toHaveLength(1)
    expect((await store.leases.getBudget('home', 'entry-1', 0)).reservations).toHaveLength(1)
  })

  it('has separate slots', async () => {
    const own = rows.flatMap((write) =>
      'put' in write ? [{ ...write, record: { ...write.record, scope: 'attic' } } as Write] : [],
    )
    await store.apply('attic', own)
    expect((await store.findEntries('attic', { domain: 'hub', uniqueId: 'a', limit: 9 })).items).toHaveLength(
      1,
    )
  })
})

describe('row-level security', () => {
  it('is forced for every table with rows of tenants', async () => {
    const found = await database.query<{ name: string }>(
      `select relname as name from pg_class
      where relnamespace = 'latchkey'::regnamespace and relkind = 'r' and relrowsecurity and relforcerowsecurity`,
    )
    expect(found.map(({ name }) => name).sort()).toEqual((await tables()).sort())
  })

  it.each(['app', 'owner'])('hides every row from the role %s while no scope is entered', async (role) => {
    const client = new pg.Client({ connectionString: database.url(role) })
    await client.connect()
    try {
      for (const isUsed of [false, true]) {
        // The setting of an earlier transaction reads as an empty text.
        if (isUsed) await client.query(`select latchkey.enter('home')`)
        for (const table of await tables()) {
          const { rows: seen } = await client.query(`select * from latchkey.${table}`)
          expect([table, seen]).toEqual([table, []])
        }
      }
    } finally {
      await client.end()
    }
  })

  it('hides the rows of other scopes from a statement that forgets its scope', async () => {
    const counts = async (scope: string) => {
      const client = new pg.Client({ connectionString: database.url('app') })
      await client.connect()
      await client.query('begin')
      await client.query('select latchkey.enter($1)', [scope])
      const found: number[] = []
      for (const table of await tables())
        found.push((await client.query(`select * from latchkey.${table}`)).rows.length)
      const { rowCount } = await client.query('update latchkey.entries set needs = needs')
      await client.query('rollback')
      await client.end()
      return { found, changed: rowCount }
    }
    expect(await counts('nowhere')).toEqual({ found: (await tables()).map(() => 0), changed: 0 })
    const { found, changed } = await counts('home')
    expect(found).not.toContain(0)
    expect(changed).toBe(1)
  })

  it('refuses a row of another scope', async () => {
    const text = `with s as materialized (select latchkey.enter('office'))
      insert into latchkey.changes (scope, seq, origin, ids, at) select 'home', 9, 'o', '{}', 0 from s`
    await expect(database.query(text, [], 'app')).rejects.toThrow('row-level security')
  })

  it('lets the role of the app neither change the history nor delete it', async () => {
    for (const text of ['delete from latchkey.audit', `update latchkey.audit set record = ''`])
      await expect(database.query(text, [], 'app')).rejects.toThrow('permission denied')
  })

  it('lets the system role read all scopes, and write none', async () => {
    const [row] = await database.query<{ count: string }>('select count(*) from latchkey.entries', [], 'jobs')
    expect(Number(row?.count)).toBeGreaterThan(0)
    for (const table of ['entries', 'flows', 'attempts', 'leases'])
      await expect(database.query(`delete from latchkey.${table}`, [], 'jobs')).rejects.toThrow(
        'permission denied',
      )
  })
})
