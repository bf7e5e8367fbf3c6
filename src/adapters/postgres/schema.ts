import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { LeaseKind } from '../../ports/lease.ts'
import type { StoredEntryStatus } from '../../ports/query.ts'
import { functionsOf, writeFunctionsOf } from './functions.ts'
import { leaseFunctionsOf } from './lease-functions.ts'
import { readFunctionsOf } from './read-functions.ts'

/** The tables. Each row has the record as JSON text, and the columns that queries and unique indexes need. */
export interface PostgresSchema {
  entries: {
    scope: string
    entry_id: string
    domain: string
    unique_id: string | null
    needs: boolean
    ignored: boolean
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
    open: boolean
    edits: boolean
    due_at: number | null
    slot: string | null
    asked_by: string | null
    asked_key: string | null
    budget: string | null
    revision: number
    record: string
  }
  attempts: { scope: string; key: string; due_at: number; revision: number; record: string }
  /** The history. `seq` is the position of the row in the history of its scope. */
  audit: { scope: string; seq: number; entry_id: string | null; at: number; record: string }
  /** The number of the last change of each scope, and the position of its last history row. */
  heads: { scope: string; seq: number; position: number }
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
  /** The changes of entries and flows. `origin` is the store that made them. `ids` is JSON text. */
  changes: { scope: string; seq: number; origin: string; ids: string; at: number }
  leases: { scope: string; kind: LeaseKind; id: string; holder: string; until: Date; fence: number }
  reservations: {
    scope: string
    key: string
    id: string
    principal: string
    at: number
    holder: string
    until: Date
    seq: number
  }
  cursors: { name: string; position: number }
  /** The last batch of each process. `executed`: it was written; false if the process gave it up before it arrived. */
  writers: { origin: string; batch: number; executed: boolean; answers: unknown; at: Date }
}

/** The tables whose rows belong to a scope. Row-level security hides the rows of all other scopes. */
const SCOPED_TABLES = [
  'entries',
  'flows',
  'attempts',
  'audit',
  'heads',
  'changes',
  'webhooks',
  'leases',
  'reservations',
] as const

/** The names of the two roles that the rights of the tables are granted to. */
export const rolesOf = (schema: string) => ({ app: `${schema}_app`, system: `${schema}_system` }) as const

/**
 * Returns the migrations in order. Do not change a released one. Add a new one whose name sorts last. Within a major
 * version, it only adds: processes of the previous version still use the tables, indexes and functions that they know.
 */
export const migrationsOf = (schema: string): Readonly<Record<string, Migration>> => ({
  '0001_first': { up: (db) => first(db, schema) },
  '0002_removals': { up: (db) => addRemovals(db, schema) },
  '0003_reads': { up: (db) => addReads(db, schema) },
})

/** Runs statements that Kysely has no builder for. */
async function run(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

// Records are text: jsonb would reorder members and refuse escaped NUL characters. Ids sort by code unit, as in JavaScript
// for all ids that Latchkey creates.
const text = 'text collate "C"'

async function first(db: Kysely<unknown>, s: string): Promise<void> {
  const { app, system } = rolesOf(s)
  await run(db, [
    createRole(app),
    createRole(system),
    `grant usage on schema ${s} to ${app}, ${system}`,
    `create table ${s}.entries (
      scope ${text} not null, entry_id ${text} not null, domain ${text} not null, unique_id ${text},
      needs boolean not null, ignored boolean not null, expires_at bigint, match_key ${text}, refresh_at bigint,
      status ${text},      revision integer not null, record text not null, primary key (scope, entry_id)) with (fillfactor = 80)`,
    `create unique index entries_identity on ${s}.entries (scope, domain, unique_id) where unique_id is not null`,
    `create unique index entries_exclusive on ${s}.entries (scope, domain, match_key) where match_key is not null`,
    `create index entries_domain on ${s}.entries (scope, domain, entry_id)`,
    `create index entries_needs on ${s}.entries (scope, entry_id) where needs`,
    `create index entries_ignored on ${s}.entries (scope, entry_id) where ignored`,
    `create index entries_expiring on ${s}.entries (expires_at) where expires_at is not null`,
    `create index entries_expiring_soon on ${s}.entries (scope, expires_at, entry_id)
      where expires_at is not null and not needs`,
    `create index entries_status on ${s}.entries (scope, status, entry_id) where status is not null`,
    `create index entries_status_of on ${s}.entries (scope, domain, status, entry_id) where status is not null`,
    `create index entries_refreshes on ${s}.entries (refresh_at) where refresh_at is not null`,
    `create index entries_account on ${s}.entries (domain, unique_id)`,
    `create table ${s}.flows (
      scope ${text} not null, flow_id ${text} not null, domain ${text} not null, entry_id ${text},
      open boolean not null, edits boolean not null, due_at bigint, slot ${text}, asked_by ${text}, asked_key ${text},
      budget ${text}, revision integer not null, record text not null, primary key (scope, flow_id)) with (fillfactor = 80)`,
    `create unique index flows_edit on ${s}.flows (scope, entry_id) where open and edits`,
    `create unique index flows_held on ${s}.flows (scope, domain, slot) where open and slot is not null`,
    `create unique index flows_asked on ${s}.flows (scope, asked_by, asked_key) where asked_key is not null`,
    `create index flows_entry on ${s}.flows (scope, entry_id, open, flow_id) where entry_id is not null`,
    `create index flows_open on ${s}.flows (scope, flow_id) where open and not edits`,
    `create index flows_due on ${s}.flows (due_at) where due_at is not null`,
    `create table ${s}.attempts (
      scope ${text} not null, key ${text} not null, due_at bigint not null,
      revision integer not null, record text not null, primary key (scope, key)) with (fillfactor = 80)`,
    `create index attempts_due on ${s}.attempts (due_at)`,
    `create table ${s}.audit (
      scope ${text} not null, seq bigint not null, entry_id ${text}, at bigint not null,
      record text not null, primary key (scope, seq))`,
    `create index audit_entry on ${s}.audit (scope, entry_id, seq) where entry_id is not null`,
    `create index audit_at on ${s}.audit (at)`,
    // One row per scope, which each commit changes: room for many versions, and vacuumed early.
    `create table ${s}.heads (scope ${text} primary key, seq bigint not null, position bigint not null)
      with (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.02)`,
    `create table ${s}.changes (
      scope ${text} not null, seq bigint not null, origin ${text} not null, ids text not null, at bigint not null,
      primary key (scope, seq))`,
    `create index changes_at on ${s}.changes (at)`,
    `create table ${s}.webhooks (
      scope ${text} not null, id ${text} not null, list ${text} not null, due_at bigint, position bigint,
      revision integer not null, record text not null, primary key (scope, id)) with (fillfactor = 80)`,
    `create index webhooks_list on ${s}.webhooks (scope, list, id)`,
    `create index webhooks_due on ${s}.webhooks (due_at) where due_at is not null`,
    `create index webhooks_position on ${s}.webhooks (scope, position) where position is not null`,
    `create table ${s}.leases (
      scope ${text} not null, kind ${text} not null, id ${text} not null, holder ${text} not null,
      until timestamptz not null, fence bigint not null, primary key (scope, kind, id)) with (fillfactor = 50)`,
    `create index leases_holder on ${s}.leases (holder)`,
    `create table ${s}.reservations (
      scope ${text} not null, key ${text} not null, id ${text} not null, principal ${text} not null,
      at double precision not null, holder ${text} not null, until timestamptz not null,
      seq bigint generated always as identity, primary key (scope, key, id)) with (fillfactor = 50)`,
    `create index reservations_holder on ${s}.reservations (holder)`,
    `create index reservations_until on ${s}.reservations (until)`,
    `create table ${s}.cursors (name ${text} primary key, position bigint not null)`,
    `create table ${s}.writers (
      origin ${text} primary key, batch bigint not null, executed boolean not null, answers jsonb,
      at timestamptz not null) with (fillfactor = 30)`,
    ...functionsOf(s),
    ...leaseFunctionsOf(s),
    ...SCOPED_TABLES.flatMap((table) => secure(s, table)),
    // A process renews its leases of all scopes in one statement.
    ...['leases', 'reservations'].map(
      (table) => `create policy holder on ${s}.${table}
        using (holder = nullif(current_setting('latchkey.holder', true), ''))`,
    ),
    // The history is append-only for the role that writes it. Only `purge` deletes, with the other role.
    `grant select, insert, update, delete on ${s}.entries, ${s}.flows, ${s}.attempts, ${s}.heads, ${s}.webhooks,
      ${s}.leases, ${s}.reservations to ${app}`,
    `grant select, insert on ${s}.audit, ${s}.changes to ${app}`,
    `grant select, insert, update on ${s}.writers to ${app}`,
    `grant select on all tables in schema ${s} to ${system}`,
    `grant insert, update on ${s}.cursors to ${system}`,
    `grant delete on ${s}.audit, ${s}.changes, ${s}.writers to ${system}`,
    `revoke execute on all functions in schema ${s} from public`,
    `grant execute on all functions in schema ${s} to ${app}, ${system}`,
    `grant select on ${s}.kysely_migration to ${app}, ${system}`,
  ])
}

/** Adds the content of removed entries. The functions that write replace those of the previous migration. */
async function addRemovals(db: Kysely<unknown>, s: string): Promise<void> {
  const { app, system } = rolesOf(s)
  await run(db, [
    `create table ${s}.removals (
      scope ${text} not null, id ${text} not null, due_at bigint not null,
      revision integer not null, record text not null, primary key (scope, id)) with (fillfactor = 80)`,
    `create index removals_due on ${s}.removals (due_at)`,
    ...writeFunctionsOf(s),
    ...secure(s, 'removals'),
    `grant select, insert, update, delete on ${s}.removals to ${app}`,
    `grant select on ${s}.removals to ${system}`,
  ])
}

/** Adds the functions of frequent reads. */
async function addReads(db: Kysely<unknown>, s: string): Promise<void> {
  const { app, system } = rolesOf(s)
  await run(db, [
    ...readFunctionsOf(s),
    `revoke execute on all functions in schema ${s} from public`,
    `grant execute on all functions in schema ${s} to ${app}, ${system}`,
  ])
}

/** The rights are granted to roles without a login. An operator may have created them, or another database. */
const createRole = (role: string): string => `do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
  exception when duplicate_object or unique_violation then null;
  end $$`

/** The statements that hide the rows of a table from everyone who has not entered their scope, the owner included. */
function secure(s: string, table: string): string[] {
  return [
    `alter table ${s}.${table} enable row level security`,
    `alter table ${s}.${table} force row level security`,
    `create policy scope on ${s}.${table} using (scope = ${s}.scope()) with check (scope = ${s}.scope())`,
    `create policy system on ${s}.${table} to ${rolesOf(s).system} using (true)`,
  ]
}
