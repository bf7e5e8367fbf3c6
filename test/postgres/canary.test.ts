import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { entryRecord, put } from '../../src/testing/store-records.ts'
import { canaries, leaksIn, wordsIn } from '../canary/canaries.ts'
import { plain } from '../canary/canary-service.ts'
import { ExplainedStory } from '../canary/explained-story.ts'
import { sinks, textsOf } from '../canary/sinks.ts'
import { PATH, WebhookStory } from '../canary/webhook-story.ts'
import { until } from '../engine/webhooks/hook-server.ts'
import { pointsOf } from '../telemetry/collect-telemetry.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
const cipher = joseCipher([new Uint8Array(32).fill(7)])
const payloads: string[] = []
let database: PostgresDatabase
let client: pg.Client
let story: WebhookStory

beforeAll(async () => {
  database = await place.database()
  client = new pg.Client({ connectionString: database.url() })
  await client.connect()
  client.on('notification', ({ payload }) => payloads.push(String(payload)))
  await client.query('listen latchkey')
  story = new WebhookStory({
    store: Object.assign(storeIn(database), { cipher }),
    jobs: pgBossJobs(database.url()),
  })
  await story.play()
}, 120_000)
afterAll(async () => {
  await client?.end()
  story?.clear()
  await place.clear()
})

/** A value of each type for a planted row. Texts and JSON are secrets. */
const values: Readonly<Record<string, unknown>> = {
  text: canaries.password,
  'character varying': canaries.password,
  'text[]': [canaries.password],
  'integer[]': [1],
  jsonb: JSON.stringify({ secret: canaries.password }),
  bigint: 1,
  integer: 1,
  'double precision': 1,
  boolean: false,
  uuid: '00000000-0000-4000-8000-000000000000',
  interval: '1 second',
  'timestamp with time zone': new Date().toISOString(),
  'timestamp without time zone': new Date().toISOString(),
  'pgboss.job_state': 'created',
}

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
}

/** The tables of Latchkey and of pg-boss, with their columns. Rows of a partition are planted in its table. */
async function tables(): Promise<ReadonlyMap<string, readonly Column[]>> {
  const { rows } = await client.query<Column>(`
    select format('%I.%I', n.nspname, c.relname) as table, format('%I', a.attname) as name,
      regexp_replace(format_type(a.atttypid, null), '"', '', 'g') as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname in ('latchkey', 'pgboss') and c.relkind in ('r', 'p') and not c.relispartition
      and a.attgenerated = '' and a.attidentity = ''
    order by 1, a.attnum`)
  return Map.groupBy(rows, ({ table }) => table)
}

/** Reads the rows while a table has one more, in which all texts are secrets. */
async function withPlanted(table: string, columns: readonly Column[]): Promise<readonly string[]> {
  await client.query('begin')
  try {
    // References to other rows, and rules for values, do not matter for a row that is taken back.
    await client.query('set local session_replication_role = replica')
    const { rows } = await client.query<{ name: string }>(
      `select format('%I', conname) as name from pg_constraint where conrelid = $1::regclass and contype = 'c'`,
      [table],
    )
    for (const { name } of rows) await client.query(`alter table ${table} drop constraint ${name}`)
    await client.query(
      `insert into ${table} (${columns.map(({ name }) => name)}) values (${columns.map((_, at) => `$${at + 1}`)})`,
      columns.map(({ type }) => values[type]),
    )
    return await rowsOf()
  } finally {
    await client.query('rollback')
  }
}

/** All rows of all tables, partitioned ones too, as text. */
async function rowsOf(from = client): Promise<string[]> {
  const { rows: names } = await from.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('latchkey', 'pgboss') and c.relkind in ('r', 'm')`)
  const found: string[] = []
  for (const { name } of names) {
    const { rows } = await from.query<{ row: string }>(`select t::text as row from ${name} t`)
    found.push(...rows.map(({ row }) => `${name}: ${row}`))
  }
  return found
}

const leaks = (text: string): string[] => [...leaksIn(text), ...wordsIn(text, story.words)]

describe('the rows of Latchkey and of pg-boss in PostgreSQL', () => {
  it('show a planted secret in each table', async () => {
    const all = await tables()
    expect([...all.keys()]).toEqual(
      expect.arrayContaining(['latchkey.entries', 'latchkey.webhooks', 'latchkey.audit', 'pgboss.job']),
    )
    for (const [table, columns] of all) {
      expect(columns.filter(({ type }) => !(type in values))).toEqual([])
      const hasTexts = columns.some(({ type }) => /text|character|json/.test(type))
      const rows = await withPlanted(table, columns)
      expect([table, rows.some((row) => leaks(row).length > 0)]).toEqual([table, hasTexts])
    }
  })

  it('show plain values, and no secret', async () => {
    const rows = await rowsOf()
    expect(rows.filter((row) => wordsIn(row, [plain.domain]).length > 0).length).toBeGreaterThan(0)
    expect(rows.some((row) => row.startsWith('pgboss.') && row.includes('deliver_webhooks'))).toBe(true)
    expect(rows.filter((row) => leaks(row).length > 0)).toEqual([])
  })
})

describe('the rows of an integration that quotes secrets to the user', () => {
  it('show the plain values of a removal and of a form before a sign-in, and no secret', async () => {
    const other = await place.database()
    const store = Object.assign(storeIn(other), { cipher })
    const explained = new ExplainedStory({ store }, ['plain'])
    await explained.play()
    const reader = new pg.Client({ connectionString: other.url() })
    await reader.connect()
    const rows = await rowsOf(reader)
    await reader.end()
    explained.world.clear()
    expect([...explained.quoted].sort()).toEqual(expect.arrayContaining(['onRemove', 'options', 'select']))
    for (const table of ['removals', 'flows']) {
      const own = rows.filter((row) => row.startsWith(`latchkey.${table}: `))
      expect([table, own.some((row) => wordsIn(row, [plain.host]).length > 0)]).toEqual([table, true])
    }
    expect(rows.filter((row) => leaksIn(row).length > 0)).toEqual([])
  })
})

describe('the notifications of PostgreSQL', () => {
  it('name scopes, and show no secret, unless it is planted', async () => {
    const seen = payloads.splice(0)
    expect(seen.some((text) => text.includes('"default"'))).toBe(true)
    expect(seen.filter((text) => leaks(text).length > 0)).toEqual([])
    const store = storeIn(database)
    await store.open()
    await store.apply(canaries.password, [put(entryRecord({ scope: canaries.password }))])
    await until(() => payloads.some((text) => leaks(text).length > 0))
    await store.close()
  })
})

const shown: Readonly<Record<string, string>> = {
  'metrics and spans': 'deliver_webhooks',
  'stored rows': PATH,
  'log lines': 'not be signed',
  'events of every type': plain.domain,
}

describe.each(sinks.filter(({ name }) => name in shown))('$name over PostgreSQL', ({ name, look }) => {
  it('show plain values, and no secret', async () => {
    const texts = (await look(story.world)).flatMap((value) => textsOf(value))
    expect(texts.some((text) => wordsIn(text, [String(shown[name])]).length > 0)).toBe(true)
    expect(texts.filter((text) => leaks(text).length > 0)).toEqual([])
  })
})

describe('metrics and spans', () => {
  it('show a planted secret', async () => {
    const { collected } = story.world
    // The first word of a secret. Labels with other characters are refused.
    const domain = canaries.password.slice(0, 15)
    collected.telemetry.measure({ type: 'setup_retry', domain, reason: null })
    await collected.telemetry.span('task', { task: domain }, async () => {})
    expect(leaks(JSON.stringify(await pointsOf(collected))).length).toBeGreaterThan(0)
    expect(
      leaks(JSON.stringify(collected.spans().map(({ attributes }) => attributes))).length,
    ).toBeGreaterThan(0)
  })
})
