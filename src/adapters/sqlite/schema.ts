import type { DatabaseSync } from 'node:sqlite'
import { type Generated, Kysely, SqliteDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { ConfigurationError, NewerDatabaseError } from '../../errors.ts'
import type { StoredEntryStatus } from '../../ports/query.ts'
import { addCursors } from './cursor-migration.ts'
import { forKysely } from './for-kysely.ts'
import { addLeases, type LeaseTables } from './lease-tables.ts'
import { addRemovals } from './removal-migration.ts'
import { matchKey, slot } from './rename-migrations.ts'
import { addStatus } from './status-migration.ts'
import { addWebhooks } from './webhook-migration.ts'

/** The tables. Each row has the record as JSON, and the columns that queries and unique indexes need. */
export interface SqliteSchema extends LeaseTables {
  entries: {
    scope: string
    entry_id: string
    domain: string
    unique_id: string | null
    needs: number
    ignored: number
    match_key: string | null
    expires_at: number | null
    refresh_at: number | null
    status: StoredEntryStatus | null
    revision: number
    record: string
  }
  flows: {
    scope: string
    flow_id: string
    domain: string
    entry_id: string | null
    open: number
    edits: number
    due_at: number | null
    slot: string | null
    asked_by: string | null
    asked_key: string | null
    revision: number
    record: string
  }
  attempts: { scope: string; key: string; due_at: number; revision: number; record: string }
  audit: {
    seq: Generated<number>
    scope: string
    entry_id: string | null
    record: string
    at: number | null
  }
  audit_retention: { until: number }
  open_flows: { scope: string; count: number }
  changes: { scope: string; seq: number; origin: string; ids: string; at: number }
  feed_readers: { origin: string; at: number }
  webhooks: {
    scope: string
    id: string
    list: string
    due_at: number | null
    position: number | null
    revision: number
    record: string
  }
  removals: { scope: string; id: string; due_at: number; revision: number; record: string }
  cursors: { name: string; position: number }
  kysely_migration: { name: string; timestamp: string }
  sqlite_master: { type: string; name: string }
}

/** The migrations in order. Do not change a released one. Add a new one whose name sorts last. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001_first': { up: first },
  '0002_asked_and_chained': { up: askedAndChained },
  '0003_discovered': { up: discovered },
  '0004_expiring': { up: expiring },
  '0005_history_without_hashes': { up: historyWithoutHashes },
  '0006_slot': { up: slot },
  '0007_match_key': { up: matchKey },
  '0008_leases': { up: addLeases },
  '0009_changes': { up: changes },
  '0010_webhooks': { up: addWebhooks },
  '0011_attention': { up: attention },
  '0012_cursors': { up: addCursors },
  '0013_refreshes': { up: refreshes },
  '0014_status': { up: addStatus },
  '0015_removals': { up: addRemovals },
}

/** Migrates a database to the tables of this version. Call it in a transaction. */
export async function migrate(database: DatabaseSync): Promise<void> {
  const db = new Kysely<SqliteSchema>({ dialect: new SqliteDialect({ database: forKysely(database) }) })
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

/** The names of all migrations, in order. */
export const allMigrations: readonly string[] = Object.keys(migrations)

/**
 * Returns the names of the migrations that the database needs, in order. Only reads.
 *
 * @throws NewerDatabaseError if it has a migration that this version does not know
 * @throws ConfigurationError if it is the database of another program
 */
export async function pendingMigrations(database: DatabaseSync): Promise<readonly string[]> {
  const db = new Kysely<SqliteSchema>({ dialect: new SqliteDialect({ database: forKysely(database) }) })
  const tables = await db.selectFrom('sqlite_master').select('name').where('type', '=', 'table').execute()
  if (tables.length === 0) return allMigrations
  if (!tables.some(({ name }) => name === 'kysely_migration'))
    throw new ConfigurationError(
      'The file is the database of another program. Pass the path of another file.',
    )
  const done = await db.selectFrom('kysely_migration').select('name').execute()
  if (done.some(({ name }) => !Object.hasOwn(migrations, name))) throw new NewerDatabaseError()
  return allMigrations.filter((migration) => !done.some(({ name }) => name === migration))
}

/** Whether the database needs migrations. Only reads. @throws NewerDatabaseError */
export async function needsMigration(database: DatabaseSync): Promise<boolean> {
  return (await pendingMigrations(database)).length > 0
}

/**
 * Creates the first tables. Entries, flows and history rows have a rowid: without one, SQLite moves records of more
 * than a quarter page to an overflow page, which each commit then writes, too.
 */
async function first(db: Kysely<SqliteSchema>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('entries')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('entry_id', 'text', (column) => column.notNull())
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('unique_id', 'text')
    .addColumn('needs', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('entries_id', ['scope', 'entry_id'])
    .modifyEnd(sql`strict`)
    .execute()
  await schema
    .createTable('flows')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('flow_id', 'text', (column) => column.notNull())
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('entry_id', 'text')
    .addColumn('open', 'integer', (column) => column.notNull())
    .addColumn('edits', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'integer')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('flows_id', ['scope', 'flow_id'])
    .modifyEnd(sql`strict`)
    .execute()
  await schema
    .createTable('attempts')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('due_at', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('attempts_id', ['scope', 'key'])
    .modifyEnd(sql`strict, without rowid`)
    .execute()
  await schema
    .createTable('audit')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('entry_id', 'text')
    .addColumn('record', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await schema
    .createTable('open_flows')
    .addColumn('scope', 'text', (column) => column.primaryKey().notNull())
    .addColumn('count', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict, without rowid`)
    .execute()
  for (const text of [
    'create unique index entries_identity on entries (scope, domain, unique_id) where unique_id is not null',
    'create index entries_domain on entries (scope, domain, entry_id)',
    'create index entries_needs on entries (scope, entry_id) where needs = 1',
    'create unique index flows_edit on flows (scope, entry_id) where open = 1 and edits = 1',
    'create index flows_entry on flows (scope, entry_id, open, flow_id) where entry_id is not null',
    'create index flows_open on flows (scope, flow_id) where open = 1',
    'create index flows_due on flows (due_at) where due_at is not null',
    'create index attempts_due on attempts (due_at)',
    'create index audit_entry on audit (scope, entry_id, seq) where entry_id is not null',
    countTrigger('insert', 'new.open = 1 and new.edits = 0', 'new', 1),
    countTrigger('delete', 'old.open = 1 and old.edits = 0', 'old', -1),
    countTrigger('update', '(new.open = 1 and new.edits = 0) > (old.open = 1 and old.edits = 0)', 'new', 1),
    countTrigger('update', '(new.open = 1 and new.edits = 0) < (old.open = 1 and old.edits = 0)', 'new', -1),
  ]) {
    await sql.raw(text).execute(db)
  }
}

/** Adds idempotency keys and the append-only history. */
async function askedAndChained(db: Kysely<SqliteSchema>): Promise<void> {
  const { schema } = db
  await schema.alterTable('flows').addColumn('asked_by', 'text').execute()
  await schema.alterTable('flows').addColumn('asked_key', 'text').execute()
  await schema.alterTable('audit').addColumn('hash', 'text').execute()
  await schema.alterTable('audit').addColumn('at', 'integer').execute()
  await schema
    .createTable('audit_retention')
    .addColumn('until', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  for (const text of [
    'create unique index flows_asked on flows (scope, asked_by, asked_key) where asked_key is not null',
    'create index audit_scope on audit (scope, seq)',
    'insert into audit_retention (until) values (0)',
    "update audit set at = json_extract(record, '$.at') where json_valid(record)",
    "create trigger audit_update before update on audit begin select raise(abort, 'the audit trail is not changed'); end",
    `create trigger audit_delete before delete on audit
      when coalesce(old.at, 0) >= (select until from audit_retention)
      begin ${"select raise(abort, 'the audit trail is kept')" /* voice-ok: a released migration */}; end`,
  ]) {
    await sql.raw(text).execute(db)
  }
}

/** Adds the slots of open flows, ignored entries and the match key. */
async function discovered(db: Kysely<SqliteSchema>): Promise<void> {
  const { schema } = db
  await schema.alterTable('flows').addColumn('unique_id', 'text').execute()
  await schema.alterTable('entries').addColumn('exclusive', 'text').execute()
  await schema
    .alterTable('entries')
    .addColumn('ignored', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  for (const text of [
    'create unique index flows_held on flows (scope, domain, unique_id) where open = 1 and unique_id is not null',
    'create unique index entries_exclusive on entries (scope, domain, exclusive) where exclusive is not null',
    'create index entries_ignored on entries (scope, entry_id) where ignored = 1',
  ]) {
    await sql.raw(text).execute(db)
  }
}

/** Adds the expiration time of credentials. */
async function expiring(db: Kysely<SqliteSchema>): Promise<void> {
  await db.schema.alterTable('entries').addColumn('expires_at', 'integer').execute()
  for (const text of [
    'create index entries_expiring on entries (expires_at) where expires_at is not null',
    'create index entries_expiring_of on entries (scope, expires_at) where expires_at is not null',
  ]) {
    await sql.raw(text).execute(db)
  }
}

/** Drops the hashes of history rows. The triggers of 0002 stay: they refuse updates and deletes. */
async function historyWithoutHashes(db: Kysely<SqliteSchema>): Promise<void> {
  await db.schema.alterTable('audit').dropColumn('hash').execute()
}

/** Adds the feed of changes, and the stores that read it. */
async function changes(db: Kysely<SqliteSchema>): Promise<void> {
  await db.schema
    .createTable('changes')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('ids', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('changes_id', ['scope', 'seq'])
    .modifyEnd(sql`strict, without rowid`)
    .execute()
  await db.schema
    .createTable('feed_readers')
    .addColumn('origin', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict, without rowid`)
    .execute()
}

/**
 * Adds the order of the entries that need attention only because their credential expires, and the entries of an
 * account in all scopes.
 */
async function attention(db: Kysely<SqliteSchema>): Promise<void> {
  for (const text of [
    `create index entries_expiring_soon on entries (scope, expires_at, entry_id)
      where expires_at is not null and needs = 0`,
    'create index entries_account on entries (domain, unique_id)',
  ]) {
    await sql.raw(text).execute(db)
  }
}

/** Adds the time at which a token is refreshed without a call. */
async function refreshes(db: Kysely<SqliteSchema>): Promise<void> {
  await db.schema.alterTable('entries').addColumn('refresh_at', 'integer').execute()
  await sql`create index entries_refreshes on entries (refresh_at) where refresh_at is not null`.execute(db)
}

/** Returns a trigger that counts the open flows without the edit slot, so that their number is a single row. */
function countTrigger(
  event: 'insert' | 'update' | 'delete',
  when: string,
  row: 'new' | 'old',
  by: 1 | -1,
): string {
  return `create trigger flows_${event}_${by === 1 ? 'opens' : 'ends'} after ${event} on flows when ${when} begin
    insert into open_flows (scope, count) values (${row}.scope, ${by})
    on conflict (scope) do update set count = count + ${by};
  end`
}
